import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageClassifier } from '../../functions/classify/process-image.ts';
import type { ModelIdentity } from '../../functions/shared/job.ts';
import { limits } from '../../functions/shared/limits.ts';
import type { Classification } from '../../layers/model/run/classifier.ts';
import type { LargeJpegs } from '../../layers/model/run/input.ts';
import type { ImagePath } from '../stores/image-file.ts';
import { forkWorker } from './fork.ts';
import { Places } from './places.ts';
import { WorkerGone, WorkerLost, WorkerProcess } from './worker-process.ts';

export interface PoolOptions {
  readonly model: ModelIdentity;
  readonly modelDir: string;
  readonly size: number;
  /** Makes the processes of the workers. Default: `forkWorker`. */
  readonly newProcess?: () => ChildProcess;
  /** For long lists of images: there is never a single one, so no worker needs two threads. */
  readonly oneThread?: boolean;
  /** How many of the best classes to answer with. Default: as many as a job keeps. */
  readonly keptPredictions?: number;
  /** Default: `exact`. */
  readonly largeJpegs?: LargeJpegs;
  /** A worker that takes longer for an image is killed and replaced. */
  readonly timeoutSeconds: number;
  /** An image that takes more processor time than this is given up. Default: 5. */
  readonly processorSeconds?: number;
}

/** A worker has one image in work and the next one ready, so that it does not wait for the server in between. */
const imagesPerWorker = 2;
const restartMilliseconds = 500;
/** How often an image is tried again at once if its worker was lost through no fault of the image. */
const mostLosses = 2;
/** How many images to remember that were in a worker when it crashed. */
const keptSuspects = 1000;

/** A classifier that works in processes of its own; one that ends is replaced. */
export class WorkerPool implements ImageClassifier<ImagePath> {
  readonly #options: PoolOptions;
  readonly #stopping = new AbortController();
  readonly #places = new Places<WorkerProcess>(imagesPerWorker);
  readonly #workers = new Set<WorkerProcess>();
  readonly #first = Promise.withResolvers<void>();
  readonly #suspects = new Set<string>();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#first.promise.catch(() => {});
  }

  get model(): ModelIdentity {
    return this.#options.model;
  }

  /** How many images it takes at once; any more wait here. */
  get capacity(): number {
    return this.#options.size * imagesPerWorker;
  }

  /** Workers that have the model loaded. */
  get available(): number {
    return this.#places.size;
  }

  /** Starts the workers; resolves when the first can work, rejects where the first one to report cannot. */
  start(): Promise<void> {
    for (let count = 0; count < this.#options.size; count++) void this.#keepOne();
    return this.#first.promise;
  }

  /**
   * Classifies an image that is a file, or will be.
   * @param models what they are called by; the default one where nothing is said.
   * @param begin is called each time a worker is about to take it, and may throw to have it left.
   * @throws {ImageError} where it cannot be classified, or takes too much processor time.
   * @throws {WorkerGone} where a worker ended over it.
   * @throws {WorkerLost} where workers ended under it again and again.
   */
  async classify(
    image: ImagePath,
    models?: readonly string[],
    begin: () => void = () => {},
  ): Promise<Classification> {
    for (let losses = 0; ; losses++) {
      try {
        return await this.#classifyOnce(image, models, begin);
      } catch (error) {
        if (error instanceof WorkerGone) this.#suspect(image.path);
        const isOver = losses >= mostLosses || this.#stopping.signal.aborted;
        if (isOver || !(error instanceof WorkerLost)) throw error;
      }
    }
  }

  async #classifyOnce(
    image: ImagePath,
    models: readonly string[] | undefined,
    begin: () => void,
  ): Promise<Classification> {
    // An image that was in a worker when it crashed may be the cause, and must not affect another image.
    const { worker, taken, release } = await this.#places.take(this.#suspects.has(image.path));
    try {
      begin();
      // A lone image may have both cores; with more in flight, each core has one.
      const threads = taken === 1 ? 2 : 1;
      return await worker.classify({ ...image, models, threads }, this.#options.timeoutSeconds);
    } finally {
      release();
    }
  }

  /** Ends the workers; what they work on is lost. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const worker of this.#workers) worker.kill();
    await Promise.all([...this.#workers].map(({ exited }) => exited));
  }

  /** One worker after the other, until the pool is closed. */
  async #keepOne(): Promise<void> {
    const { modelDir, oneThread = false, largeJpegs = 'exact', processorSeconds = 5 } = this.#options;
    const { keptPredictions = limits.keptPredictions, newProcess = forkWorker } = this.#options;
    const options = { modelDir, oneThread, largeJpegs, keptPredictions, processorSeconds };
    while (!this.#stopping.signal.aborted) {
      const worker = new WorkerProcess(options, newProcess());
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

  #suspect(path: string): void {
    this.#suspects.add(path);
    const [oldest] = this.#suspects;
    if (this.#suspects.size > keptSuspects && oldest !== undefined) this.#suspects.delete(oldest);
  }
}
