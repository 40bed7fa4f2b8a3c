import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const page = z.object({
  html: z.string(),
  /** `Content-Security-Policy` with the digests of the page's own script and style, without `connect-src`. */
  contentSecurityPolicy: z.string(),
});

/** The page at `/` as it was built: one HTML document, and the policy under which a browser runs nothing but what is in it. */
export type Page = z.infer<typeof page>;

/** Reads `page.json`, which holds what `buildPage` in `web/build.ts` resolved to. */
export async function readPage(path: string | URL): Promise<Page> {
  return page.parse(JSON.parse(await readFile(path, 'utf8')));
}
