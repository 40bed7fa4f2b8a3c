import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { deflateRawSync } from 'node:zlib';

/** One part of a package, in MB on disk and as a zip file holds it. */
export interface PartSize {
  readonly part: string;
  readonly disk: number;
  readonly zipped: number;
}

/** The parts of the classify function, by the start of their path in `dist`. What is in no other part is in the first. */
const parts = [
  'classify',
  'classify/node_modules',
  'classify/node_modules/onnxruntime-node',
  'classify/node_modules/@img/sharp-libvips',
  'classify/node_modules/@img/sharp-linux',
  'classify/main.mjs',
  'layer/model',
];

export async function measureSizes(dist: string): Promise<PartSize[]> {
  const sizes = new Map(parts.map((part) => [part, { part, disk: 0, zipped: 0 }]));
  for (const folder of ['classify', 'layer']) {
    const entries = await readdir(join(dist, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((candidate) => candidate.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const part = parts.findLast((start) => isWithin(relative(dist, path), start));
      const size = part === undefined ? undefined : sizes.get(part);
      if (size === undefined) continue;
      const bytes = await readFile(path);
      size.disk += bytes.byteLength / 1e6;
      size.zipped += deflateRawSync(bytes, { level: 9 }).byteLength / 1e6;
    }
  }
  return [...sizes.values()];
}

function isWithin(path: string, start: string): boolean {
  return path.startsWith(start);
}
