/** The part of the WebAssembly JavaScript interface (https://www.w3.org/TR/wasm-js-api-2/) used here; @types/node has none of it. */
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
    /** Adds pages of 64 KiB; detaches the buffer. */
    grow(pages: number): number;
  }
  class Instance {
    readonly exports: Record<string, unknown>;
    constructor(module: Module);
  }
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
