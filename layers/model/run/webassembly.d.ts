/** The part of the WebAssembly JavaScript interface (https://www.w3.org/TR/wasm-js-api-2/) used here; @types/node has none of it. */
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
    /** Adds pages of 64 KiB; detaches the buffer. */
    grow(pages: number): number;
  }
  function instantiate(bytes: Uint8Array): Promise<{ instance: { exports: Record<string, unknown> } }>;
}
