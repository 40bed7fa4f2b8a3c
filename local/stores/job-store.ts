import { EventEmitter } from 'node:events';
import { Problem } from '../../functions/shared/errors.ts';
import {
  applyTransition,
  forgetAt,
  isGone,
  type Job,
  jobSchema,
  type NewJob,
  newJob,
  type Transition,
} from '../../functions/shared/job.ts';
import type {
  CreateResult,
  IdempotencyKey,
  JobStore,
  TransitionResult,
} from '../../functions/shared/ports.ts';
import { watchJob } from '../../functions/shared/watch.ts';
import type { Database } from './database.ts';

/** How many jobs are kept in memory beside the table, those that changed last. */
const recentJobs = 1000;

/** The job table in SQLite. Watchers are told of a change at once. */
export class LocalJobStore implements JobStore {
  readonly #database: Database;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #recent = new Map<string, Job>();
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepare(database);
    database.onRollback(() => {
      this.#recent.clear();
      for (const id of this.#changes.eventNames()) this.#changes.emit(id);
    });
  }

  async create(job: NewJob, idempotency?: IdempotencyKey): Promise<CreateResult> {
    const result = this.#database.atomically(() =>
      idempotency === undefined ? this.#insert(newJob(job), null) : this.#createOnce(job, idempotency),
    );
    this.#remember(result.job);
    return result;
  }

  /**
   * Writes a job that has ended before anybody was told of it: once, instead of once for each state.
   * @returns whether it is written, which it is not where its idempotency key stands for another job.
   */
  record(job: Job, idempotency?: IdempotencyKey): boolean {
    if (idempotency !== undefined && this.knowsKey(idempotency.key)) return false;
    this.#database.write(() => {
      if (idempotency !== undefined) this.#writeKey(idempotency, job.id);
      this.#insert(job, idempotency?.key ?? null);
    });
    this.#remember(job);
    return true;
  }

  knowsKey(key: string): boolean {
    return this.#statements.readKey.get(key) !== undefined;
  }

  async read(id: string): Promise<Job | undefined> {
    return this.#read(id);
  }

  async delete(id: string): Promise<Job | undefined> {
    const deleted = this.#database.atomically(() => {
      const job = this.#read(id);
      this.#statements.deleteKey.run(id, id);
      this.#statements.delete.run(id);
      return job;
    });
    this.#recent.delete(id);
    this.#changes.emit(id);
    return deleted;
  }

  async transition(id: string, transition: Transition): Promise<TransitionResult> {
    const result = this.#database.write(() => {
      const job = this.#read(id);
      const next = job && applyTransition(job, transition);
      if (next === undefined) return { applied: false, job };
      this.#statements.update.run(JSON.stringify(next), id);
      return { applied: true, job: next };
    });
    if (result.applied && result.job) this.#remember(result.job);
    this.#changes.emit(id);
    return result;
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<Job> {
    const subscribe = (watched: string, _: number, notify: () => void) => {
      this.#changes.once(watched, notify);
      return () => this.#changes.off(watched, notify);
    };
    return watchJob({ read: (watched) => this.read(watched), subscribe }, id, signal);
  }

  /** Removes the jobs that no longer answer 410 either. */
  forgetOld(now: Date): void {
    this.#database.atomically(() => {
      this.#statements.forgetKeys.run(now.getTime());
      this.#statements.forget.run(now.getTime());
    });
    this.#recent.clear();
  }

  #read(id: string): Job | undefined {
    const recent = this.#recent.get(id);
    if (recent !== undefined) return recent;
    const row = this.#statements.read.get(id);
    return row && jobSchema.parse(JSON.parse(String(row.record)));
  }

  /** A job is read several times while it is worked on, and this process alone writes it. */
  #remember(job: Job): void {
    this.#recent.delete(job.id);
    this.#recent.set(job.id, job);
    if (this.#recent.size > recentJobs) this.#recent.delete(this.#recent.keys().next().value ?? '');
  }

  #createOnce(job: NewJob, idempotency: IdempotencyKey): CreateResult {
    const { key, request } = idempotency;
    const row = this.#statements.readKey.get(key);
    const id = row && String(row.job_id);
    const first = id === undefined ? undefined : this.#read(id);
    if (id === undefined || (first && isGone(first, job.createdAt))) {
      this.#writeKey(idempotency, job.id);
      return this.#insert(newJob(job), key);
    }
    if (row?.request !== request) throw new Problem('idempotency_key_reused');
    return first ? { created: false, job: first } : this.#insert(newJob({ ...job, id }), key);
  }

  #writeKey({ key, request }: IdempotencyKey, id: string): void {
    this.#statements.writeKey.run(key, request, id);
  }

  #insert(job: Job, idempotencyKey: string | null): CreateResult {
    this.#statements.insert.run(job.id, JSON.stringify(job), idempotencyKey, forgetAt(job).getTime());
    return { created: true, job };
  }
}

function prepare(database: Database) {
  const old = 'SELECT id, idempotency_key FROM jobs WHERE forget_at < ?';
  return {
    read: database.prepare('SELECT record FROM jobs WHERE id = ?'),
    insert: database.prepare('INSERT INTO jobs (id, record, idempotency_key, forget_at) VALUES (?, ?, ?, ?)'),
    update: database.prepare('UPDATE jobs SET record = ? WHERE id = ?'),
    delete: database.prepare('DELETE FROM jobs WHERE id = ?'),
    readKey: database.prepare('SELECT request, job_id FROM idempotency_keys WHERE key = ?'),
    writeKey: database.prepare(
      'INSERT OR REPLACE INTO idempotency_keys (key, request, job_id) VALUES (?, ?, ?)',
    ),
    deleteKey: database.prepare(
      'DELETE FROM idempotency_keys WHERE job_id = ? AND key = (SELECT idempotency_key FROM jobs WHERE id = ?)',
    ),
    forgetKeys: database.prepare(`DELETE FROM idempotency_keys WHERE (job_id, key) IN (${old})`),
    forget: database.prepare('DELETE FROM jobs WHERE forget_at < ?'),
  };
}
