import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../functions/shared/usage-error.ts';
import { imageFileName } from '../../layers/model/formats.ts';
import type { Options } from './options.ts';
import { splitStream } from './split.ts';

/** The files to label. `total` is unknown where names come from standard input, which may go on for ever. */
export interface Files {
  readonly names: AsyncIterable<string> | Iterable<string>;
  readonly total: number | undefined;
}

/**
 * Finds the files that the arguments name: a file is taken as it is, a folder with every image below it by name, `-` stands for names
 * on standard input, and a pattern is expanded where the shell has not done it.
 * @throws {UsageError} where an argument names nothing.
 */
export async function findFiles(options: Options, input: AsyncIterable<Uint8Array>): Promise<Files> {
  if (options.paths.includes('-')) return { names: namesAndInput(options, input), total: undefined };
  const names: string[] = [];
  for (const path of options.paths) for await (const name of filesAt(path, options)) names.push(name);
  return { names, total: names.length };
}

async function* namesAndInput(options: Options, input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for (const path of options.paths) {
    if (path === '-') yield* readNames(input, options.nulSeparated);
    else yield* filesAt(path, options);
  }
}

/** File names in a stream, one in each line or each ended by a NUL byte. */
async function* readNames(input: AsyncIterable<Uint8Array>, nulSeparated: boolean): AsyncGenerator<string> {
  for await (const part of splitStream(input, nulSeparated ? '\0' : '\n')) {
    // Lines from Windows end in CR LF.
    const name = nulSeparated ? part : part.replace(/\r$/, '');
    if (name) yield name;
  }
}

async function* filesAt(path: string, options: Pick<Options, 'hidden'>): AsyncGenerator<string> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isDirectory()) yield* imagesBelow(path, options);
  else if (entry) yield path;
  else yield* expand(path);
}

/** Folder by folder, so that a deep tree is never held in memory as a whole. Links to folders are not followed: they may lead round. */
async function* imagesBelow(folder: string, options: Pick<Options, 'hidden'>): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') && !options.hidden) continue;
    if (entry.isDirectory()) yield* imagesBelow(path, options);
    else if (imageFileName.test(entry.name) && (entry.isFile() || (await isFile(path)))) yield path;
  }
}

/** Follows a link. */
async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function* expand(pattern: string): AsyncGenerator<string> {
  const matches: string[] = [];
  for await (const match of glob(pattern)) matches.push(match);
  if (matches.length === 0) throw new UsageError(`There is no file or folder ${pattern}.`);
  yield* matches.toSorted();
}
