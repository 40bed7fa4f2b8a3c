import { statfsSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { log } from '../log.ts';
import { storageFault } from './faults.ts';
import { migrate, schemaVersion } from './schema.ts';

/** Writes that no answer waits for are committed after this long. */
const commitMilliseconds = 10;

/** The write-ahead log is moved into the database at once when it is longer than this, in bytes; on a small disk earlier. */
const mostLogBytes = 8 * 1024 * 1024;
const leastLogBytes = 512 * 1024;
/** Its length is checked after this many commits. */
const commitsPerLook = 16;

/** How often to try a disk again that took no writes. */
const probeMilliseconds = 500;

/**
 * The server's database; no other process may open it. Writes gather in one transaction, which is committed before an answer is
 * sent: an image then costs one commit instead of six, and a server that is killed forgets only what it never acknowledged.
 */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #lock: DatabaseSync;
  readonly #checkpoints: Worker;
  readonly #rollbacks: (() => void)[] = [];
  readonly #recoveries: (() => void)[] = [];
  readonly #logPath: string;
  readonly #logBytes: number;
  #commits = 0;
  #losses = 0;
  #fault: unknown;
  #probe: NodeJS.Timeout | undefined;
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
    this.#logPath = `${path}-wal`;
    this.#logBytes = logBytesFor(folder);
    this.#connection.exec(`PRAGMA journal_size_limit = ${this.#logBytes}`);
    migrate(this.#connection);
    this.#checkpoints = new Worker(
      new URL(`./checkpoints${extname(import.meta.filename)}`, import.meta.url),
      {
        workerData: path,
      },
    );
    this.#checkpoints.on('error', report);
    this.#checkpoints.on('message', (reason: unknown) => {
      // Node's own watch mode sends messages of another kind.
      if (typeof reason === 'string') log.error({ reason }, 'the log was not moved into the database');
    });
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
      if (!this.#connection.isTransaction) this.#rolledBack(error);
      throw storageFault(error);
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
   * Begins work whose writes are to be kept before anybody is told of them: call what this returns for that.
   * @throws {Problem} from what it returns, where the disk did not take all writes since.
   */
  begin(): () => void {
    const before = this.#losses;
    return () => {
      this.commit();
      if (this.#losses !== before) throw storageFault(this.#fault);
    };
  }

  /**
   * Keeps everything written so far.
   * @throws {Problem} `storage_full` or `storage_unwritable`; then none of it is kept.
   */
  commit(): void {
    clearTimeout(this.#commitTimer);
    if (!this.#connection.isTransaction) return;
    try {
      this.#connection.exec('COMMIT');
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK');
      this.#rolledBack(error);
      throw storageFault(error);
    }
    if (++this.#commits % commitsPerLook === 0) this.#boundLog();
  }

  /** Whether the disk took no writes the last time: what need not be written should wait. */
  get isFailing(): boolean {
    return this.#probe !== undefined;
  }

  /** Tells of writes that were lost before they were committed. */
  onRollback(listener: () => void): void {
    this.#rollbacks.push(listener);
  }

  /** Tells that the disk takes writes again. What the listener writes is part of the proof. */
  onRecovery(listener: () => void): void {
    this.#recoveries.push(listener);
  }

  async close(): Promise<void> {
    this.#commitUnasked();
    clearInterval(this.#probe);
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
    } catch {
      // Already reported, and no answer waits for these writes.
    }
  }

  #rolledBack(error: unknown): void {
    this.#losses++;
    this.#fault = error;
    for (const listener of this.#rollbacks) listener();
    if (this.#probe !== undefined) return;
    report(error);
    this.#probe = setInterval(() => this.#tryAgain(), probeMilliseconds).unref();
  }

  /**
   * Under constant load the other thread never reaches the log's end, and the log would grow for ever
   * (https://sqlite.org/wal.html, "Avoiding Excessively Large WAL Files"). Between two transactions this one does.
   */
  #boundLog(): void {
    const size = statSync(this.#logPath, { throwIfNoEntry: false })?.size ?? 0;
    if (size > this.#logBytes) this.#checkpoint();
  }

  #checkpoint(): void {
    try {
      this.#connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // The log keeps what was committed; a later round moves it.
    }
  }

  /** Proves by a write that the disk takes some. */
  #tryAgain(): void {
    // A log that is moved is written from its beginning again, and needs no more room.
    if (!this.#connection.isTransaction) this.#checkpoint();
    try {
      this.write(() => {
        this.#connection.exec(`PRAGMA user_version = ${schemaVersion}`);
        for (const listener of this.#recoveries) listener();
      });
      this.commit();
    } catch {
      return;
    }
    clearInterval(this.#probe);
    this.#probe = undefined;
    log.info('the database can be written again');
  }
}

function report(error: unknown): void {
  log.error({ err: error }, 'the database cannot be written');
}

function logBytesFor(folder: string): number {
  const { blocks, bsize } = statfsSync(folder);
  return Math.round(Math.min(mostLogBytes, Math.max(leastLogBytes, (blocks * bsize) / 16)));
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
