import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtPage } from '../../functions/site/page.ts';
import type { buildDocs as inClone } from '../../web/docs/build.ts';
import { prebuilt } from '../prebuilt.ts';

/** Reads the page at `/docs` that was put together when the package was made. */
export const buildDocs: typeof inClone = async () =>
  builtPage.parse(JSON.parse(await readFile(join(import.meta.dirname, prebuilt.docs), 'utf8')));
