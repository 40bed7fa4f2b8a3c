import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalJobQueue } from '../store/job-queue.ts';
import { runEventSource } from './event-source.ts';
import { type WorkerParts, WorkerProcess } from './worker-process.ts';

export interface PoolOptions extends WorkerParts {
  readonly queue: LocalJobQueue;
  readonly size: number;
  /** A worker that takes longer for a batch is killed and replaced. */
  readonly timeoutSeconds: number;
}

/** The worker processes, each with one image at a time; one that ends is replaced. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #stopping = new AbortController();
  readonly #workers = new Set<WorkerProcess>();
  readonly #first = Promise.withResolvers<void>();
  #lanes: Promise<void>[] = [];
  #busy = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#first.promise.catch(() => {});
  }

  /** Starts the workers; resolves when the first can work, rejects where the first one to report cannot. */
  start(): Promise<void> {
    this.#lanes = Array.from({ length: this.#options.size }, () => this.#runLane());
    return this.#first.promise;
  }

  /** Lets the workers finish what they work on, and ends them. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#lanes);
    for (const worker of this.#workers) worker.kill();
    await Promise.all([...this.#workers].map(({ exited }) => exited));
  }

  /** One worker after the other, until the pool stops. */
  async #runLane(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const worker = this.#spawn();
      try {
        await worker.ready;
        this.#first.resolve();
        await this.#feed(worker);
      } catch (error) {
        this.#first.reject(error);
        await sleep(restartMilliseconds);
      }
    }
  }

  #spawn(): WorkerProcess {
    const worker = new WorkerProcess(this.#options);
    this.#workers.add(worker);
    worker.exited.then(() => this.#workers.delete(worker));
    return worker;
  }

  /** Gives the worker images until the pool stops or the worker is gone. */
  async #feed(worker: WorkerProcess): Promise<void> {
    const { queue, timeoutSeconds } = this.#options;
    const gone = new AbortController();
    worker.exited.then(() => gone.abort());
    const signal = AbortSignal.any([this.#stopping.signal, gone.signal]);
    const invoke = async (event: Parameters<WorkerProcess['invoke']>[0]) => {
      this.#busy++;
      try {
        // A lone image may have both cores; with more in flight, each core has one.
        return await worker.invoke(event, { threads: this.#busy === 1 ? 2 : 1, timeoutSeconds });
      } finally {
        this.#busy--;
      }
    };
    await runEventSource(queue, invoke, { batchSize: 1, signal });
  }
}

const restartMilliseconds = 500;
