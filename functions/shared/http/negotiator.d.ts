/** What of https://github.com/jshttp/negotiator 1.1 is used here: `@types/negotiator` does not know `preferred`. */
declare module 'negotiator' {
  class Negotiator {
    constructor(request: { readonly headers: Readonly<Record<string, string | undefined>> });
    /** Those of `available` that the client accepts, best first; what it likes alike comes in the order of `preferred`. */
    encodings(
      available: readonly string[],
      options: { readonly preferred: readonly string[] },
    ): readonly string[];
    /** The one of `available` that the client likes best; the first, where it likes all alike. */
    mediaType(available: readonly string[]): string | undefined;
  }
  export = Negotiator;
}
