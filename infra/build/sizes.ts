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

/** Of a zip function and its layers together, unpacked (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
const mostZipBytes = 250 * 2 ** 20;

/** What to do where the classifying function and the model's layer do not fit what Lambda takes as zip; `undefined` where they do. */
export async function sayTooLargeForZip(dir: string): Promise<string | undefined> {
  const bytes = (await bytesIn(join(dir, 'classify'))) + (await bytesIn(join(dir, 'layer')));
  if (bytes <= mostZipBytes) return undefined;
  const [actual, most] = [bytes, mostZipBytes].map((size) => Math.round(size / 1e6));
  return `This model does not fit a zip and its layer (${actual} MB, Lambda takes ${most}): deploy it with -c packaging=container.`;
}
