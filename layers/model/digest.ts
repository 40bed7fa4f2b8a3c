import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of a file, in hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** SHA-256 over the files of this folder, in hex: what is built changes with them, and only with them and its inputs. */
export async function sha256OfBuilder(): Promise<string> {
  const entries = await readdir(import.meta.dirname, { recursive: true });
  const hash = createHash('sha256');
  for (const name of entries.filter((entry) => /\.(ts|json|proto)$/.test(entry)).sort()) {
    hash.update(name).update(await readFile(join(import.meta.dirname, name)));
  }
  return hash.digest('hex');
}
