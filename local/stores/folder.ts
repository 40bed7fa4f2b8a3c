import { statfsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, storageFull } from './faults.ts';

/**
 * Makes a folder and those above it. Not by `mkdir`'s own `recursive`, which asks for ever where a parent exists and still answers
 * ENOENT, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  if ((await stat(path).catch(ignoreMissing))?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path && (await stat(parent).catch(ignoreMissing)) === undefined) await makeFolder(parent);
  await mkdir(path);
}

/** Of a large disk this much stays free, in bytes, so that the jobs that were taken can be finished; of a small one an eighth. */
const mostReserve = 16 * 1024 * 1024;

/** @throws {Problem} `storage_full` where the disk that holds a folder has no room for so many bytes more and the reserve. */
export function requireRoom(folder: string, bytes: number): void {
  const { bavail, blocks, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes + Math.min(mostReserve, (blocks * bsize) / 8)) throw storageFull();
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
