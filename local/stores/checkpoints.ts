import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** Moves the write-ahead log into the database, in a thread of its own: the disk is waited for here, and never by a request. */
const connection = new DatabaseSync(String(workerData));
connection.exec('PRAGMA busy_timeout = 5000');
const intervalMilliseconds = 2000;
let failing = false;

while (true) {
  await sleep(intervalMilliseconds);
  try {
    connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
    failing = false;
  } catch (error) {
    // A full disk for example: the log keeps what was committed, and the next round tries again.
    if (!failing) parentPort?.postMessage(String(error));
    failing = true;
  }
}
