import { failing, report, succeeding } from '../../functions/classify/process-image.ts';
import {
  applyTransition,
  type Job,
  type NewJob,
  newJob,
  type Transition,
} from '../../functions/shared/job.ts';
import { imageKeyOf } from '../../functions/shared/object-event.ts';
import type { IdempotencyKey, ImmediateClassifier, Telemetry } from '../../functions/shared/ports.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import type { Stores } from '../stores/stores.ts';
import type { WorkerPool } from './pool.ts';

/** A larger image goes to its worker as a file: the connection to a worker takes it in small pieces only. */
const mostBytes = 1024 * 1024;

export interface ImmediateParts {
  readonly stores: Pick<Stores, 'images' | 'jobs' | 'queue'>;
  readonly pool: WorkerPool;
  readonly telemetry: Telemetry;
  /** Called when a job has ended. */
  readonly finished: () => void;
}

/**
 * Hands images to the workers without storing and queueing them first. Nobody knows such a job before its answer, so it is written once,
 * when it has ended.
 */
export class PoolClassifier implements ImmediateClassifier {
  readonly #parts: ImmediateParts;
  /** What runs under an idempotency key, for repeats that come meanwhile. */
  readonly #underKeys = new Map<string | undefined, Promise<Job | undefined>>();
  #underWay = 0;

  constructor(parts: ImmediateParts) {
    this.#parts = parts;
  }

  /** Images that wait or are worked on. */
  get underWay(): number {
    return this.#underWay;
  }

  async classify(
    fresh: NewJob,
    image: Uint8Array,
    milliseconds: number,
    idempotency: IdempotencyKey | undefined,
  ): Promise<Job | undefined> {
    const { queue, jobs } = this.#parts.stores;
    // An image that came earlier is taken earlier.
    if (image.length > mostBytes || !queue.isIdle) return undefined;
    const { promise: overdue, resolve } = Promise.withResolvers<undefined>();
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort();
      resolve(undefined);
    }, milliseconds);
    this.#underWay++;
    try {
      const first = this.#underKeys.get(idempotency?.key);
      if (first !== undefined) return await Promise.race([first.then(() => undefined), overdue]);
      if (idempotency !== undefined && jobs.knowsKey(idempotency.key)) return undefined;
      const ended = this.#tryOnce(fresh, image, idempotency, timeout.signal);
      const job = await this.#keep(idempotency?.key, Promise.race([ended, overdue]));
      if (job !== undefined) this.#parts.finished();
      return job;
    } finally {
      clearTimeout(timer);
      this.#underWay--;
    }
  }

  /** Keeps what a key stands for as long as it runs. */
  async #keep(key: string | undefined, ended: Promise<Job | undefined>): Promise<Job | undefined> {
    if (key === undefined) return ended;
    this.#underKeys.set(key, ended);
    try {
      return await ended;
    } finally {
      this.#underKeys.delete(key);
    }
  }

  async #tryOnce(
    fresh: NewJob,
    bytes: Uint8Array,
    idempotency: IdempotencyKey | undefined,
    overdue: AbortSignal,
  ): Promise<Job | undefined> {
    const { stores, pool, telemetry } = this.#parts;
    const pending = newJob(fresh);
    const path = stores.images.pathOf(imageKeyOf(pending));
    let startedAt = fresh.createdAt;
    const begin = () => {
      overdue.throwIfAborted();
      startedAt = new Date();
    };
    const ending = await pool
      .classify({ path, bytes }, fresh.models, begin)
      .then(succeeding, (error: unknown) => (error instanceof ImageError ? failing(error) : undefined));
    // Any other fault may pass: the queue counts the tries.
    if (ending === undefined || overdue.aborted) return undefined;
    const job = endedJob(pending, startedAt, ending);
    if (!stores.jobs.record(job, idempotency)) return undefined;
    report(job, undefined, telemetry.forJob(job.id));
    return job;
  }
}

/** The job as it would stand had it been queued and tried once. */
function endedJob(pending: Job, startedAt: Date, ending: Transition): Job {
  const sentAt = startedAt;
  const deadline = new Date(pending.deadline);
  const begun = applyTransition(pending, { to: 'processing', at: startedAt, deadline, maxTries: 1, sentAt });
  const ended = begun && applyTransition(begun, ending);
  if (ended === undefined) throw new Error('A new job could not be begun and ended.');
  return ended;
}
