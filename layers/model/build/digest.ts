import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { kernelSources } from './kernel-sources.ts';

/** SHA-256 of a file, in hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** SHA-256 over the builder and the kernels' sources, in hex: what is built changes with them and with its inputs only. */
export async function sha256OfBuilder(): Promise<string> {
  const builder = (await readdir(import.meta.dirname, { recursive: true })).filter((name) =>
    /\.(ts|json|proto)$/.test(name),
  );
  const paths = [...builder.sort(), ...Object.values(kernelSources)];
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(await readFile(join(import.meta.dirname, path)));
  return hash.digest('hex');
}
