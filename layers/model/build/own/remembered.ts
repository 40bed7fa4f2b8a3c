import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type * as z from 'zod';

/** Smaller files are read at each start: that takes a tenth of a second. */
const leastBytes = 32 * 2 ** 20;
/** A file that was just written may be written again within one tick of the file system's clock. */
const leastAgeMilliseconds = 2000;

/**
 * What was found out about a large file, without reading it again while it is the same one: the same path, file number, size and, to the
 * nanosecond, the same times. The time of the last change (`ctime`) cannot be set back by programs that set the others.
 * @param find reads the file.
 */
export async function remembered<Facts>(
  path: string,
  cacheDir: string,
  schema: z.ZodType<Facts>,
  find: () => Promise<Facts>,
): Promise<Facts> {
  const { size, ino, mtimeNs, ctimeNs, mtimeMs } = await stat(path, { bigint: true });
  if (size < leastBytes || Date.now() - Number(mtimeMs) < leastAgeMilliseconds) return find();
  const stamp = [resolve(path), ino, size, mtimeNs, ctimeNs].join('\n');
  const note = join(cacheDir, `read-${createHash('sha256').update(stamp).digest('hex').slice(0, 24)}.json`);
  return (await readNote(note, schema)) ?? keepNote(note, await find());
}

async function readNote<Facts>(note: string, schema: z.ZodType<Facts>): Promise<Facts | undefined> {
  const text = await readFile(note, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

async function keepNote<Facts>(note: string, facts: Facts): Promise<Facts> {
  const temporary = `${note}.${randomUUID()}`;
  await mkdir(join(note, '..'), { recursive: true });
  await writeFile(temporary, JSON.stringify(facts));
  await rename(temporary, note);
  return facts;
}
