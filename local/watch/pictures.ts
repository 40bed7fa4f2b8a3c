import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { imageFileName } from '../../layers/model/formats.ts';

/** An image file below the watched folder. */
export interface Picture {
  readonly path: string;
  /** Its path below the watched folder, with `/` between. */
  readonly key: string;
  readonly size: number;
  readonly modifiedAt: string;
  /** When its content or its name changed last, in milliseconds since 1970. */
  readonly changedAt: number;
}

/**
 * The image files below a folder, hidden ones and those below hidden folders left out: programs that copy files often write them under a
 * hidden name first. Links are not followed. What vanishes meanwhile is left out.
 */
export async function* findPictures(folder: string, below = ''): AsyncGenerator<Picture> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(emptyIfMissing);
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const key = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* findPictures(folder, key);
    else if (entry.isFile() && imageFileName.test(entry.name)) {
      const picture = await readPicture(folder, key);
      if (picture !== undefined) yield picture;
    }
  }
}

async function readPicture(folder: string, key: string): Promise<Picture | undefined> {
  const path = join(folder, key);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const { size, mtime, mtimeMs, ctimeMs } = found;
  return { path, key, size, modifiedAt: mtime.toISOString(), changedAt: Math.max(mtimeMs, ctimeMs) };
}

function emptyIfMissing(error: unknown): [] {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return [];
  throw error;
}
