import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { compileKernel as inClone } from '../../layers/model/build/compile-kernel.ts';
import { prebuilt } from '../prebuilt.ts';

/** Reads a kernel that was compiled when the package was made: AssemblyScript's compiler is five times the size of the package. */
export const compileKernel: typeof inClone = (name) =>
  readFile(join(import.meta.dirname, prebuilt.kernel(name)));
