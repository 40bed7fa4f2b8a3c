import type { JobQueueConsumer, QueueMessage } from '../../functions/shared/ports.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';

export interface QueueOptions {
  readonly name: string;
  readonly visibilitySeconds: number;
  readonly clock: Clock;
  /** Where a message goes that has been delivered `maxReceives` times in vain; without it, it is delivered for ever. */
  readonly deadLetter?: { readonly queue: LocalJobQueue; readonly maxReceives: number };
}

/** A queue in SQLite, with SQS' visibility time-out, receive count and dead-letter queue. */
export class LocalJobQueue implements JobQueueConsumer {
  readonly #database: Database;
  readonly #options: QueueOptions;
  readonly #waiting = new Set<() => void>();
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database, options: QueueOptions) {
    this.#database = database;
    this.#options = options;
    this.#statements = prepare(database);
    // The work may have been lost through no fault of the image: the message is delivered again, and this try does not count.
    database.onRecovery(() => {
      this.#statements.giveBack.run(this.#now(), this.#options.name);
      this.#wakeOne();
    });
  }

  async send(body: string): Promise<void> {
    this.#database.write(() => this.#statements.send.run(this.#options.name, body, this.#now()));
    this.#wakeOne();
  }

  /** Waits for a message as long as it may; `signal` ends the wait with an empty answer. */
  async receive(options: {
    max: number;
    waitSeconds: number;
    signal?: AbortSignal;
  }): Promise<QueueMessage[]> {
    const until = this.#now() + options.waitSeconds * 1000;
    while (true) {
      const messages = this.#database.isFailing ? [] : this.#take(options.max);
      // A consumer that works does not wait: another one must know when the next message becomes visible.
      if (messages.length > 0) this.#wakeOne();
      if (messages.length > 0 || this.#now() >= until || options.signal?.aborted) return messages;
      await this.#nextArrival(until, options.signal);
    }
  }

  async delete(receiptHandle: string): Promise<void> {
    this.#database.write(() => this.#statements.delete.run(...parseReceipt(receiptHandle)));
  }

  async changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    const visibleAt = this.#now() + seconds * 1000;
    this.#database.write(() =>
      this.#statements.changeVisibility.run(visibleAt, ...parseReceipt(receiptHandle)),
    );
    this.#wakeOne();
  }

  /**
   * Makes every message visible: those that a server which is no more had taken, and those that a clock which was wrong has put into the
   * future.
   */
  recover(): void {
    const now = this.#now();
    this.#database.write(() => this.#statements.recover.run(now, this.#options.name, now));
  }

  /** Whether no message waits to be received. */
  get isIdle(): boolean {
    return this.#waiting.size > 0;
  }

  /** How many messages there are, whether visible or not, counted up to `most`. */
  count(most: number): number {
    return Number(this.#statements.count.get(this.#options.name, most)?.messages);
  }

  /** How long the message that has been visible longest has waited, in seconds. */
  oldestSeconds(): number {
    const at = this.#statements.nextVisible.get(this.#options.name)?.at;
    return typeof at === 'number' ? Math.max(0, this.#now() - at) / 1000 : 0;
  }

  #now(): number {
    return this.#options.clock();
  }

  #take(max: number): QueueMessage[] {
    return this.#database.atomically(() => {
      const now = this.#now();
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
    const receiveCount = receives + 1;
    this.#statements.take.run(now + visibilitySeconds * 1000, receiveCount, id);
    return [{ messageId: String(id), receiptHandle: `${id}/${receiveCount}`, body, receiveCount }];
  }

  #adopt(id: number): void {
    this.#statements.adopt.run(this.#options.name, this.#now(), id);
    this.#wakeOne();
  }

  /** Until a message may have become visible. */
  async #nextArrival(until: number, signal: AbortSignal | undefined): Promise<void> {
    const next = this.#statements.nextVisible.get(this.#options.name)?.at;
    const arrival = Math.min(until, typeof next === 'number' ? next : until) - this.#now();
    const wait = Math.max(this.#database.isFailing ? failingMilliseconds : 1, arrival);
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      this.#waiting.delete(wake);
      resolve();
    };
    this.#waiting.add(wake);
    const timer = setTimeout(wake, wait);
    signal?.addEventListener('abort', wake);
    await promise;
    clearTimeout(timer);
    signal?.removeEventListener('abort', wake);
  }

  #wakeOne(): void {
    const [wake] = this.#waiting;
    wake?.();
  }
}

/** How often it is looked whether the disk takes writes again. */
const failingMilliseconds = 100;

/** A receipt names a message and the delivery it stands for: after the next delivery it is worth nothing. */
function parseReceipt(receiptHandle: string): [id: number, receives: number] {
  const [id, receives] = receiptHandle.split('/').map(Number);
  return [id || 0, receives || 0];
}

function prepare(database: Database) {
  return {
    send: database.prepare('INSERT INTO messages (queue, body, visible_at) VALUES (?, ?, ?)'),
    visible: database.prepare(
      'SELECT id, body, receives FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?',
    ),
    nextVisible: database.prepare('SELECT min(visible_at) AS at FROM messages WHERE queue = ?'),
    take: database.prepare('UPDATE messages SET visible_at = ?, receives = ? WHERE id = ?'),
    delete: database.prepare('DELETE FROM messages WHERE id = ? AND receives = ?'),
    changeVisibility: database.prepare('UPDATE messages SET visible_at = ? WHERE id = ? AND receives = ?'),
    adopt: database.prepare('UPDATE messages SET queue = ?, visible_at = ?, receives = 0 WHERE id = ?'),
    recover: database.prepare('UPDATE messages SET visible_at = ? WHERE queue = ? AND visible_at > ?'),
    giveBack: database.prepare(
      'UPDATE messages SET visible_at = ?, receives = receives - 1 WHERE queue = ? AND receives > 0',
    ),
    count: database.prepare(
      'SELECT count(*) AS messages FROM (SELECT 1 FROM messages WHERE queue = ? LIMIT ?)',
    ),
  };
}
