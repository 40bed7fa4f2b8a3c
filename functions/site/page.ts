import * as z from 'zod';

/** The page at `/` as it was built: one HTML document, and the policy that lets a browser run only what is in it. */
export const builtPage = z.object({
  html: z.string(),
  /** `Content-Security-Policy` with the digests of the page's own script and style, without `connect-src`. */
  contentSecurityPolicy: z.string(),
  /** Files that the page loads, each served at `assets/{name}`. */
  assets: z
    .record(
      z.string(),
      z.object({
        type: z.string(),
        base64: z.string(),
        /** The same bytes compressed, where the build has done that. */
        compressed: z.object({ br: z.string(), gzip: z.string() }).optional(),
      }),
    )
    .default({}),
});
export type Page = z.infer<typeof builtPage>;
