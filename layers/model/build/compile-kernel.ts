import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import asc from 'assemblyscript/asc';
import { type KernelName, kernelSources } from './kernel-sources.ts';

/**
 * Compiles a kernel with AssemblyScript. The module exports `memory` and its functions, imports nothing, and
 * has no heap: its caller lays out the memory (the source says how).
 */
export async function compileKernel(name: KernelName): Promise<Uint8Array> {
  const path = join(import.meta.dirname, kernelSources[name]);
  const source = `${name}.ts`;
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
    readFile: (file) => readSource(file === source ? path : join(dirname(path), file)),
    writeFile: (_, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`${path} does not compile: ${stderr.toString()}`, { cause: error });
  return binary;
}

/** A source's text; the compiler also asks for files that there are not. */
async function readSource(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
