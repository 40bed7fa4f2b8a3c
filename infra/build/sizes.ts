import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes of all files in a folder, as they lie unpacked. */
export async function bytesIn(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** One line a part, in MB. */
export async function describeSizes(dir: string, parts: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    parts.map(async (part) => {
      const megabytes = (await bytesIn(join(dir, part))) / 1e6;
      return `${megabytes.toFixed(1).padStart(7)} MB  ${part}`;
    }),
  );
  return lines.join('\n');
}
