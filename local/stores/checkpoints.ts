import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

/** Moves the write-ahead log into the database, in a thread of its own: the disk is waited for here, and never by a request. */
const connection = new DatabaseSync(String(workerData));
connection.exec('PRAGMA busy_timeout = 5000');
const intervalMilliseconds = 2000;

while (true) {
  await sleep(intervalMilliseconds);
  connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
}
