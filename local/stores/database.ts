import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

const tables = `
  CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, record TEXT NOT NULL, idempotency_key TEXT, forget_at INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS jobs_by_age ON jobs (forget_at);
  CREATE TABLE IF NOT EXISTS idempotency_keys (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, job_id TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL,
    visible_at INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at);
`;

/** What is written and promised to nobody is committed after this long. */
const commitMilliseconds = 10;

/**
 * The server's one database; every other process keeps away from it. Writes gather in one transaction, which is committed when
 * somebody is to be answered: an image's whole way then costs one commit instead of six, and a server that is killed forgets
 * only what it has told nobody.
 */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #lock: DatabaseSync;
  readonly #checkpoints: Worker;
  readonly #rollbacks: (() => void)[] = [];
  #commitTimer: NodeJS.Timeout | undefined;

  /**
   * Opens (and makes) the database in a folder, and holds the folder for this process alone.
   * @throws {Error} with SQLite's `errcode`, where another process holds it, or it cannot be written.
   */
  constructor(folder: string) {
    this.#lock = takeLock(join(folder, 'lock.sqlite'));
    const path = join(folder, 'jobs.sqlite');
    this.#connection = new DatabaseSync(path);
    // What is committed survives a killed process; a power cut may take the last moments. https://sqlite.org/wal.html
    this.#connection.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;',
    );
    // An automatic checkpoint would stall the request whose commit triggers it.
    this.#connection.exec('PRAGMA wal_autocheckpoint = 0;');
    this.#connection.exec(tables);
    this.#checkpoints = new Worker(new URL('./checkpoints.ts', import.meta.url), { workerData: path });
    this.#checkpoints.unref();
  }

  prepare(statement: string): StatementSync {
    return this.#connection.prepare(statement);
  }

  /** Does one write, which is atomic by itself. It is kept when it is committed. */
  write<Result>(statement: () => Result): Result {
    this.#begin();
    try {
      return statement();
    } catch (error) {
      if (!this.#connection.isTransaction) this.#rolledBack();
      throw error;
    }
  }

  /** Does all of `work`'s writes or none of them. They are kept when they are committed. */
  atomically<Result>(work: () => Result): Result {
    return this.write(() => {
      this.#connection.exec('SAVEPOINT work');
      try {
        const result = work();
        this.#connection.exec('RELEASE work');
        return result;
      } catch (error) {
        if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK TO work; RELEASE work');
        throw error;
      }
    });
  }

  /**
   * Keeps everything written so far. To be called before anybody is told of it.
   * @throws {Error} where it cannot be kept, on a full disk for example; then none of it is.
   */
  commit(): void {
    clearTimeout(this.#commitTimer);
    if (!this.#connection.isTransaction) return;
    try {
      this.#connection.exec('COMMIT');
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
      this.#rolledBack();
      throw error;
    }
  }

  /** Tells of writes that were lost before they were committed. */
  onRollback(listener: () => void): void {
    this.#rollbacks.push(listener);
  }

  async close(): Promise<void> {
    this.commit();
    await this.#checkpoints.terminate();
    this.#connection.close();
    this.#lock.close();
  }

  #begin(): void {
    if (this.#connection.isTransaction) return;
    this.#connection.exec('BEGIN IMMEDIATE');
    this.#commitTimer = setTimeout(() => this.#commitUnasked(), commitMilliseconds);
  }

  #commitUnasked(): void {
    try {
      this.commit();
    } catch (error) {
      console.error('the database could not be written', error);
    }
  }

  #rolledBack(): void {
    for (const listener of this.#rollbacks) listener();
  }
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
