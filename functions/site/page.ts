/** The page at `/` as it was built: one HTML document, and the policy under which a browser runs nothing but what is in it. */
export interface Page {
  readonly html: string;
  /** `Content-Security-Policy` with the digests of the page's own script and style, without `connect-src`. */
  readonly contentSecurityPolicy: string;
}
