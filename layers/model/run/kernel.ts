import { readFile } from 'node:fs/promises';
import * as z from 'zod';

/** A function that a kernel exports. */
type KernelFunction = (...numbers: number[]) => number;

export const kernelFunction = z.custom<KernelFunction>((value) => typeof value === 'function');
export const kernelMemory = z.instanceof(WebAssembly.Memory);

/** Loads a kernel that `layers/model` compiled: its exports, checked against a schema. */
export async function loadKernel<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return (await compileKernel(path, schema))();
}

/** Compiles such a kernel. The answer makes an instance, which has a memory of its own. */
export async function compileKernel<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<() => z.infer<Schema>> {
  const module = await WebAssembly.compile(await readFile(path));
  return () => schema.parse(new WebAssembly.Instance(module).exports);
}

/** A page of WebAssembly memory. */
const PAGE = 65_536;
/** Kernels read and write a little past the end of what they are told. */
const SLACK = 64;

/** What stands where in a kernel's memory: places blocks one after the other, each at a multiple of 16. */
export class Layout {
  #end: number;

  /** @param base the first address that the kernel leaves to its caller. */
  constructor(base: number) {
    this.#end = Math.ceil(base / 16) * 16;
  }

  /** Answers with the address of so many bytes. */
  place(bytes: number): number {
    const at = this.#end;
    this.#end = Math.ceil((at + bytes + SLACK) / 16) * 16;
    return at;
  }

  /** Grows memory to hold what was placed. */
  reserve(memory: WebAssembly.Memory): Uint8Array {
    const missing = Math.ceil((this.#end - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
    return new Uint8Array(memory.buffer);
  }
}
