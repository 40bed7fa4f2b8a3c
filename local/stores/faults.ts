import * as z from 'zod';
import { Problem } from '../../functions/shared/errors.ts';

/** Seconds after which a client may ask again. Somebody has to free space first, so a shorter time would only be noise. */
const retryAfter = { 'Retry-After': '30' };

/** An error of SQLite, whose lower byte is the primary result code: https://sqlite.org/rescode.html */
const sqliteError = z.object({ errcode: z.int().transform((code) => code & 0xff) });
const systemError = z.object({ code: z.string() });

const sqliteFull = 13;
/** IOERR, READONLY, CANTOPEN. */
const sqliteUnwritable = [10, 8, 14];
const systemFull = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const systemUnwritable = ['EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOENT', 'ENOTDIR', 'ESTALE'];

/** What a client is told where the disk is why something cannot be written; any other error as it is. */
export function storageFault(error: unknown): unknown {
  const sqlite = sqliteError.safeParse(error).data?.errcode ?? 0;
  const system = systemError.safeParse(error).data?.code ?? '';
  if (sqlite === sqliteFull || systemFull.includes(system)) return storageFull(error);
  if (!sqliteUnwritable.includes(sqlite) && !systemUnwritable.includes(system)) return error;
  const detail =
    'The disk that holds DATA_DIR cannot be written. See the log; the service goes on by itself when it can.';
  return new Problem('storage_unwritable', detail, { cause: error, headers: retryAfter });
}

export function storageFull(cause?: unknown): Problem {
  const detail =
    'The disk that holds DATA_DIR is full. Free some space there, or delete jobs; the service then goes on by itself.';
  return new Problem('storage_full', detail, { cause, headers: retryAfter });
}

/** Whether an error says that a file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return systemError.safeParse(error).data?.code === 'ENOENT';
}
