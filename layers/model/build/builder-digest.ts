import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { kernelSources } from './kernel-sources.ts';

/** SHA-256 over the builder and the kernels' sources, in hex: what is built changes with them and with its inputs only. */
export async function sha256OfBuilder(): Promise<string> {
  const folders = ['.', ...Object.values(kernelSources).map(dirname)];
  const paths = (await Promise.all(folders.map(sourcesIn))).flat();
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(await readFile(join(import.meta.dirname, path)));
  return hash.digest('hex');
}

/** The sources in this folder or in one beside it. */
async function sourcesIn(folder: string): Promise<string[]> {
  const names = await readdir(join(import.meta.dirname, folder), { recursive: true });
  const sources = names.filter((name) => /\.(ts|json|proto)$/.test(name)).sort();
  return sources.map((name) => join(folder, name));
}
