import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { LocalJobQueue } from '../store/job-queue.ts';
import { runEventSource } from './event-source.ts';
import { Places } from './places.ts';
import { type WorkerParts, WorkerProcess } from './worker-process.ts';

export interface PoolOptions extends WorkerParts {
  readonly queue: LocalJobQueue;
  readonly size: number;
  /** A worker that takes longer for an image is killed and replaced. */
  readonly timeoutSeconds: number;
}

/** One image is worked on and the next is at hand, so that a worker does not wait for the server in between. */
const imagesPerWorker = 2;
const restartMilliseconds = 500;

/** The worker processes, and what they are given to do; one that ends is replaced. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #stopping = new AbortController();
  readonly #places = new Places<WorkerProcess>(imagesPerWorker);
  readonly #workers = new Set<WorkerProcess>();
  readonly #first = Promise.withResolvers<void>();
  #feeding: Promise<void> = Promise.resolve();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#first.promise.catch(() => {});
  }

  /** Starts the workers; resolves when the first can work, rejects where the first one to report cannot. */
  start(): Promise<void> {
    const { queue, size } = this.#options;
    for (let count = 0; count < size; count++) void this.#keepOne();
    const limits = { batchSize: 1, concurrency: size * imagesPerWorker, signal: this.#stopping.signal };
    this.#feeding = runEventSource(queue, (event) => this.#invoke(event), limits);
    return this.#first.promise;
  }

  /** Lets the workers finish what they work on, and ends them. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#feeding;
    for (const worker of this.#workers) worker.kill();
    await Promise.all([...this.#workers].map(({ exited }) => exited));
  }

  /** One worker after the other, until the pool stops. */
  async #keepOne(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const worker = new WorkerProcess(this.#options);
      this.#workers.add(worker);
      await worker.ready.then(
        () => {
          this.#first.resolve();
          this.#places.add(worker);
        },
        (error: unknown) => this.#first.reject(error),
      );
      await worker.exited;
      this.#places.remove(worker);
      this.#workers.delete(worker);
      await sleep(restartMilliseconds, undefined, { ref: false });
    }
  }

  async #invoke(event: SQSEvent): Promise<SQSBatchResponse> {
    // An image that has failed before may take its worker down, and must not take another image with it.
    const suspect = event.Records.some(({ attributes }) => Number(attributes.ApproximateReceiveCount) > 1);
    const { worker, taken, release } = await this.#places.take(suspect);
    try {
      // A lone image may have both cores; with more in flight, each core has one.
      const threads = taken === 1 ? 2 : 1;
      return await worker.invoke({ event, threads, timeoutSeconds: this.#options.timeoutSeconds });
    } finally {
      release();
    }
  }
}
