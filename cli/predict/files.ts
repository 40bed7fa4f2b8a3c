import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from './options.ts';

const imageName = /\.(jpe?g|jpe|jfif|png|webp|gif|avif|tiff?|bmp)$/i;

/**
 * The files that the arguments name: a file is taken as it is, a folder with every image below it by name, and a pattern is
 * expanded where the shell has not done it.
 * @throws {UsageError} where an argument names nothing.
 */
export async function findFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const entry = await stat(path).catch(() => undefined);
    if (entry?.isDirectory()) found.push(...(await imagesBelow(path)));
    else found.push(...(entry ? [path] : await expand(path)));
  }
  return found;
}

async function imagesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && imageName.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

async function expand(pattern: string): Promise<string[]> {
  const matches: string[] = [];
  for await (const match of glob(pattern)) matches.push(match);
  if (matches.length === 0) throw new UsageError(`There is no file or folder ${pattern}.`);
  return matches.toSorted();
}
