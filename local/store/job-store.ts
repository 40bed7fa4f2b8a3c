import { EventEmitter, once } from 'node:events';
import { Problem } from '../../functions/shared/errors.ts';
import {
  applyTransition,
  type Job,
  jobSchema,
  type NewJob,
  newJob,
  type Transition,
} from '../../functions/shared/job.ts';
import { limits } from '../../functions/shared/limits.ts';
import type {
  CreateResult,
  IdempotencyKey,
  JobStore,
  TransitionResult,
} from '../../functions/shared/ports.ts';
import { watchJob } from '../../functions/shared/watch.ts';
import type { Database } from './database.ts';

/** The job table in SQLite. Who watches is told of a change at once. */
export class LocalJobStore implements JobStore {
  readonly #database: Database;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  async create(job: NewJob, idempotency?: IdempotencyKey): Promise<CreateResult> {
    return this.#database.transaction(() => {
      if (idempotency === undefined) return this.#insert(newJob(job), null);
      const known = this.#statements.readKey.get(idempotency.key);
      if (known === undefined) {
        this.#statements.insertKey.run(idempotency.key, idempotency.request, job.id);
        return this.#insert(newJob(job), idempotency.key);
      }
      if (known.request !== idempotency.request) throw reused();
      const id = String(known.job_id);
      const first = this.#read(id);
      return first ? { created: false, job: first } : this.#insert(newJob({ ...job, id }), idempotency.key);
    });
  }

  async read(id: string): Promise<Job | undefined> {
    return this.#read(id);
  }

  async delete(id: string): Promise<Job | undefined> {
    const deleted = this.#database.transaction(() => {
      const job = this.#read(id);
      this.#statements.deleteKey.run(id);
      this.#statements.delete.run(id);
      return job;
    });
    this.#changes.emit(id);
    return deleted;
  }

  async transition(id: string, transition: Transition): Promise<TransitionResult> {
    const result = this.#database.transaction(() => {
      const job = this.#read(id);
      const next = job && applyTransition(job, transition);
      if (next === undefined) return { applied: false, job };
      this.#statements.update.run(JSON.stringify(next), id);
      return { applied: true, job: next };
    });
    if (result.applied) this.#changes.emit(id);
    return result;
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<Job> {
    const changed = async (_: string, __: number, until: AbortSignal) => {
      await once(this.#changes, id, { signal: until });
    };
    return watchJob({ read: (one) => this.read(one), changed }, id, signal);
  }

  /** Removes the jobs that no longer answer 410 either. */
  forgetOld(now: Date): void {
    this.#database.transaction(() => {
      this.#statements.forgetKeys.run(now.getTime());
      this.#statements.forget.run(now.getTime());
    });
  }

  #read(id: string): Job | undefined {
    const row = this.#statements.read.get(id);
    return row && jobSchema.parse(JSON.parse(String(row.record)));
  }

  #insert(job: Job, idempotencyKey: string | null): CreateResult {
    const forgetAt = Date.parse(job.expiresAt) + limits.goneSeconds * 1000;
    this.#statements.insert.run(job.id, JSON.stringify(job), idempotencyKey, forgetAt);
    return { created: true, job };
  }
}

function prepare({ connection }: Database) {
  const old = 'SELECT idempotency_key FROM jobs WHERE forget_at < ?';
  return {
    read: connection.prepare('SELECT record FROM jobs WHERE id = ?'),
    insert: connection.prepare(
      'INSERT INTO jobs (id, record, idempotency_key, forget_at) VALUES (?, ?, ?, ?)',
    ),
    update: connection.prepare('UPDATE jobs SET record = ? WHERE id = ?'),
    delete: connection.prepare('DELETE FROM jobs WHERE id = ?'),
    readKey: connection.prepare('SELECT request, job_id FROM idempotency_keys WHERE key = ?'),
    insertKey: connection.prepare('INSERT INTO idempotency_keys (key, request, job_id) VALUES (?, ?, ?)'),
    deleteKey: connection.prepare(
      'DELETE FROM idempotency_keys WHERE key = (SELECT idempotency_key FROM jobs WHERE id = ?)',
    ),
    forgetKeys: connection.prepare(`DELETE FROM idempotency_keys WHERE key IN (${old})`),
    forget: connection.prepare('DELETE FROM jobs WHERE forget_at < ?'),
  };
}

function reused(): Problem {
  return new Problem(
    'idempotency_key_reused',
    'This Idempotency-Key came with another request. Use a new key.',
  );
}
