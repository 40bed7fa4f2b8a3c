import { open, stat } from 'node:fs/promises';
import * as z from 'zod';
import { UsageError } from '../../functions/shared/usage-error.ts';
import type { Options } from './options.ts';
import { splitStream } from './split.ts';

/** What an output file holds already. */
export interface Written {
  /** The files it names. */
  readonly done: ReadonlySet<string>;
  /** Bytes up to the end of its last whole record: whatever follows is to be overwritten. */
  readonly bytes: number;
}

const record = z.object({ file: z.string() });

/** What a line says: the file it names, or that it is no record, and how many of its bytes belong to the record. */
interface Line {
  readonly file: string;
  readonly bytes: number;
}

const readLine: Readonly<Record<'json' | 'jsonl' | 'csv', (line: string) => Line | undefined>> = {
  // The comma is written with the next record.
  json: (line) => jsonLine(line.replace(/,$/, ''), 0),
  jsonl: (line) => jsonLine(line, 1),
  csv: (line) => csvLine(line),
};

/**
 * Reads what an earlier run has written to the output file: every whole record up to the first line that is none. Memory holds the
 * files' names only. A file that is not there holds nothing.
 * @param header the first line of such a file, where it has one.
 * @throws {UsageError} where the file begins as none with these flags does.
 */
export async function readWritten(path: string, format: Options['format'], header: string): Promise<Written> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0 || format === 'table') return { done: new Set(), bytes: 0 };
  await using file = await open(path);
  const done = new Set<string>();
  let [at, bytes] = [0, 0];
  for await (const text of splitStream(file.createReadStream({ autoClose: false }), '\n')) {
    const start = at;
    at += Buffer.byteLength(text) + 1;
    // A line without an end may have been cut off.
    if (at > size) break;
    if (start === 0 && header !== '') {
      if (text.trim() !== header.trim()) throw new UsageError(otherFlags(path));
      bytes = format === 'json' ? header.length : at;
    } else {
      const line = readLine[format](text);
      if (line === undefined) break;
      done.add(line.file);
      bytes = start + line.bytes;
    }
  }
  if (bytes === 0) throw new UsageError(otherFlags(path));
  return { done, bytes };
}

function otherFlags(path: string): string {
  return `${path} was not written by this command with these flags: name another file, or leave out --resume.`;
}

function jsonLine(line: string, ending: number): Line | undefined {
  try {
    return { file: record.parse(JSON.parse(line)).file, bytes: Buffer.byteLength(line) + ending };
  } catch {
    return undefined;
  }
}

/** The first field of a line of CSV (RFC 4180), without the apostrophe that keeps a spreadsheet from reading a formula. */
function csvLine(line: string): Line | undefined {
  const quoted = /^"((?:[^"]|"")*)"(?:,|$)/.exec(line)?.[1];
  const file = quoted?.replaceAll('""', '"') ?? /^[^",]+/.exec(line)?.[0];
  return (
    (file && { file: file.replace(/^'(?=[=+\-@\t\r])/, ''), bytes: Buffer.byteLength(line) + 1 }) || undefined
  );
}
