import type { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../../functions/shared/usage-error.ts';

/**
 * What brings a database from each version to the next, the first from an empty one. A step that was released is never changed:
 * a new one is added. Version 0 is also what the service wrote before versions were counted, so that the first step makes nothing twice.
 */
const steps = [
  `CREATE TABLE IF NOT EXISTS jobs (
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
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at);`,
] as const;

/** The version this code reads and writes, kept as SQLite's `user_version`. */
export const schemaVersion = steps.length;

/**
 * Brings a database to the present version, each step wholly or not at all.
 * @throws {UsageError} where a newer version of the service wrote it.
 */
export function migrate(connection: DatabaseSync): void {
  const found = Number(connection.prepare('PRAGMA user_version').get()?.user_version);
  if (found > schemaVersion) {
    throw new UsageError(
      `DATA_DIR was written by a newer version of this service (schema ${found}, this one knows ${schemaVersion}). ` +
        'Start that version, or name another folder with DATA_DIR.',
    );
  }
  for (const [at, step] of steps.entries()) {
    if (at >= found) connection.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${at + 1}; COMMIT`);
  }
}
