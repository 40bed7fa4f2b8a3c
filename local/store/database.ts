import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** The server's one database. Every process but the server keeps away from it. */
export interface Database {
  readonly connection: DatabaseSync;
  /** Runs `work` in one transaction; the outermost one where they nest. */
  transaction<Result>(work: () => Result): Result;
  close(): Promise<void>;
}

const tables = `
  CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, record TEXT NOT NULL, idempotency_key TEXT, forget_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (forget_at);
  CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, job_id TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
    visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, receipt TEXT
  );
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at);
  CREATE INDEX IF NOT EXISTS messages_by_receipt ON messages (receipt) WHERE receipt IS NOT NULL;
`;

/**
 * Opens (and makes) the database in a folder, and holds the folder for this process alone.
 * @throws {Error} where another process holds it, or it cannot be written.
 */
export function openDatabase(folder: string): Database {
  const lock = takeLock(join(folder, 'lock.sqlite'));
  const path = join(folder, 'jobs.sqlite');
  const connection = new DatabaseSync(path);
  // What is committed survives a killed process; a power cut may take the last moments. https://sqlite.org/wal.html
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
  // An automatic checkpoint would stall the request whose commit triggers it.
  connection.exec('PRAGMA wal_autocheckpoint = 0;');
  connection.exec(tables);
  const checkpoints = new Worker(new URL('./checkpoints.ts', import.meta.url), { workerData: path });
  checkpoints.unref();
  return {
    connection,
    transaction: (work) => transaction(connection, work),
    async close() {
      await checkpoints.terminate();
      connection.close();
      lock.close();
    },
  };
}

function takeLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(path);
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    throw cause;
  }
}

function transaction<Result>(connection: DatabaseSync, work: () => Result): Result {
  if (connection.isTransaction) return work();
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}
