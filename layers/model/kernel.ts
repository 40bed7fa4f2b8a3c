import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const SOURCE = 'resize/kernel.ts';

/**
 * Compiles the resize kernel with AssemblyScript. The module exports `memory` and the two passes, imports nothing, and has no
 * heap: its caller lays out the memory (the source says how).
 */
export async function compileKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const options = [
    '--outFile',
    'resize.wasm',
    '--runtime',
    'stub',
    '--optimizeLevel',
    '3',
    '--noAssert',
    '--enable',
    'simd',
  ];
  const { error, stderr } = await asc.main([SOURCE, ...options], {
    readFile: (name) => (name === SOURCE ? readFile(join(import.meta.dirname, SOURCE), 'utf8') : null),
    writeFile: (_, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary)
    throw new Error(`The resize kernel does not compile: ${stderr.toString()}`, { cause: error });
  return binary;
}
