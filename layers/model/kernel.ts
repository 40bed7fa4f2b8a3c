import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

/**
 * Compiles a kernel of the folder `kernels` with AssemblyScript. The module exports `memory` and its functions, imports nothing, and
 * has no heap: its caller lays out the memory (the source says how).
 */
export async function compileKernel(name: 'jpeg' | 'resize'): Promise<Uint8Array> {
  const source = `kernels/${name}.ts`;
  let binary: Uint8Array | undefined;
  const options = [
    '--outFile',
    `${name}.wasm`,
    '--runtime',
    'stub',
    '--optimizeLevel',
    '3',
    '--noAssert',
    '--enable',
    'simd',
  ];
  const { error, stderr } = await asc.main([source, ...options], {
    readFile: (file) => (file === source ? readFile(join(import.meta.dirname, source), 'utf8') : null),
    writeFile: (_, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`${source} does not compile: ${stderr.toString()}`, { cause: error });
  return binary;
}
