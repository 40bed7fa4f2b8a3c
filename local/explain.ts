import { UsageError } from '../functions/shared/usage-error.ts';

/** SQLite's primary result codes that have a cause the user can remove. https://sqlite.org/rescode.html */
const sqliteCauses: ReadonlyMap<number, string> = new Map([
  [5, 'DATA_DIR is in use by another server. Stop that one, or name another folder with DATA_DIR.'],
  [8, 'DATA_DIR cannot be written. Name another folder with DATA_DIR.'],
  [10, 'DATA_DIR cannot be read or written: the disk reports an error.'],
  [13, 'The disk that holds DATA_DIR is full. Free some space, or name another folder with DATA_DIR.'],
  [14, 'DATA_DIR cannot be written. Name another folder with DATA_DIR.'],
  [
    26,
    'DATA_DIR holds a file that is not ours where the database should be. Name another folder with DATA_DIR.',
  ],
]);

const systemCauses: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'HOST is not an address of this machine. 127.0.0.1 always is.',
  ENOTFOUND: 'HOST is not an address of this machine. 127.0.0.1 always is.',
  ENOSPC: 'The disk is full. Free some space, or name another folder with DATA_DIR.',
};

const noFacts = { code: undefined, syscall: undefined, path: undefined, port: undefined };

/** One sentence for the person at the terminal, for why the server cannot start. */
export function explain(error: unknown): string {
  if (error instanceof UsageError || !(error instanceof Error))
    return String(error instanceof Error ? error.message : error);
  if ('errcode' in error && typeof error.errcode === 'number') {
    return (
      sqliteCauses.get(error.errcode & 0xff) ?? `The database in DATA_DIR cannot be opened: ${error.message}.`
    );
  }
  const { code, syscall, path, port } = { ...noFacts, ...error };
  if (code === 'EADDRINUSE')
    return `PORT ${port} is in use by another program. Stop that one, or choose another, such as PORT=${Number(port) + 1}.`;
  if (code === 'EACCES' && syscall === 'listen')
    return 'PORT needs rights this user lacks. Choose one above 1023, such as PORT=8000.';
  if (typeof code === 'string' && systemCauses[code]) return systemCauses[code];
  if (typeof path === 'string') return `${path} cannot be used (${code}). Name another folder with DATA_DIR.`;
  return error.message;
}
