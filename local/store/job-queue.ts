import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobQueueConsumer, QueueMessage } from '../../functions/shared/ports.ts';
import type { Database } from './database.ts';

export interface QueueOptions {
  readonly name: string;
  readonly visibilitySeconds: number;
  /** Where a message goes that has been delivered `maxReceives` times in vain; without it, it is delivered for ever. */
  readonly deadLetter?: { readonly queue: LocalJobQueue; readonly maxReceives: number };
}

/** A queue in SQLite, with SQS' visibility time-out, receive count and dead-letter queue. */
export class LocalJobQueue implements JobQueueConsumer {
  readonly #database: Database;
  readonly #options: QueueOptions;
  readonly #arrivals = new EventEmitter().setMaxListeners(0);
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database, options: QueueOptions) {
    this.#database = database;
    this.#options = options;
    this.#statements = prepare(database);
  }

  async send(body: string): Promise<void> {
    this.#statements.send.run(this.#options.name, body, Date.now());
    this.#arrivals.emit('message');
  }

  /** Waits for a message as long as it may; `signal` ends the wait with an empty answer. */
  async receive(options: {
    max: number;
    waitSeconds: number;
    signal?: AbortSignal;
  }): Promise<QueueMessage[]> {
    const until = Date.now() + options.waitSeconds * 1000;
    while (true) {
      const messages = this.#take(options.max);
      if (messages.length > 0 || Date.now() >= until || options.signal?.aborted) return messages;
      await this.#nextArrival(until, options.signal);
    }
  }

  async delete(receiptHandle: string): Promise<void> {
    this.#statements.delete.run(receiptHandle);
  }

  async changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    this.#statements.changeVisibility.run(Date.now() + seconds * 1000, receiptHandle);
    this.#arrivals.emit('message');
  }

  /** Makes every message visible that a server which is no more had taken. */
  recover(): void {
    this.#statements.recover.run(Date.now(), this.#options.name);
  }

  #take(max: number): QueueMessage[] {
    return this.#database.transaction(() => {
      const now = Date.now();
      const rows = this.#statements.visible.all(this.#options.name, now, max);
      return rows.flatMap((row) =>
        this.#deliver(Number(row.id), String(row.body), Number(row.receives), now),
      );
    });
  }

  #deliver(id: number, body: string, receives: number, now: number): QueueMessage[] {
    const { deadLetter, visibilitySeconds } = this.#options;
    if (deadLetter !== undefined && receives >= deadLetter.maxReceives) {
      deadLetter.queue.#adopt(id);
      return [];
    }
    const receiptHandle = randomUUID();
    this.#statements.take.run(receiptHandle, now + visibilitySeconds * 1000, id);
    return [{ messageId: String(id), receiptHandle, body, receiveCount: receives + 1 }];
  }

  #adopt(id: number): void {
    this.#statements.adopt.run(this.#options.name, Date.now(), id);
    this.#arrivals.emit('message');
  }

  /** Until a message may have become visible. */
  async #nextArrival(until: number, signal: AbortSignal | undefined): Promise<void> {
    const done = new AbortController();
    const stop = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
    const next = this.#statements.nextVisible.get(this.#options.name)?.at;
    const wait = Math.min(until, typeof next === 'number' ? next : until) - Date.now();
    const arrival = once(this.#arrivals, 'message', { signal: stop });
    const time = sleep(Math.max(1, wait), undefined, { signal: stop });
    await Promise.race([arrival, time]).catch(() => {});
    done.abort();
    await Promise.allSettled([arrival, time]);
  }
}

function prepare({ connection }: Database) {
  return {
    send: connection.prepare('INSERT INTO messages (queue, body, visible_at) VALUES (?, ?, ?)'),
    visible: connection.prepare(
      'SELECT id, body, receives FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?',
    ),
    nextVisible: connection.prepare('SELECT min(visible_at) AS at FROM messages WHERE queue = ?'),
    take: connection.prepare(
      'UPDATE messages SET receipt = ?, visible_at = ?, receives = receives + 1 WHERE id = ?',
    ),
    delete: connection.prepare('DELETE FROM messages WHERE receipt = ?'),
    changeVisibility: connection.prepare('UPDATE messages SET visible_at = ? WHERE receipt = ?'),
    adopt: connection.prepare(
      'UPDATE messages SET queue = ?, visible_at = ?, receives = 0, receipt = NULL WHERE id = ?',
    ),
    recover: connection.prepare('UPDATE messages SET visible_at = ? WHERE queue = ? AND receipt IS NOT NULL'),
  };
}
