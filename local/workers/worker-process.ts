import { type ChildProcess, fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname } from 'node:path';
import type { Classification } from '../../layers/model/run/classifier.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import type { LargeJpegs } from '../../layers/model/run/input.ts';
import { monitor } from './monitor.ts';
import type { Order, Report } from './protocol.ts';

/** A worker ended, by itself or by us, before it had answered. */
export class WorkerGone extends Error {}

/** The image is not why: the worker had not begun it, or was stopped from outside. */
export class WorkerLost extends Error {}

/**
 * glibc keeps freed memory in an arena for each thread, and a worker has many threads: two arenas, given back early, take a
 * quarter less. Other C libraries ignore these. https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
 */
const frugalMemory = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** Images pass through the heap as short-lived strings and buffers; room for more of them is only kept, never used. In MiB. */
const youngGeneration = '--max-semi-space-size=4';

export interface WorkerOptions {
  readonly modelDir: string;
  /** Whether the network runs on one thread always. Otherwise each image says how many it may have. */
  readonly oneThread: boolean;
  readonly largeJpegs: LargeJpegs;
  /** Processor time that an image may take. */
  readonly processorSeconds: number;
}

/** The server's side of one worker process. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  /** In the order in which the worker takes them, one at a time: the first is the one it works on. */
  readonly #calls = new Map<number, PromiseWithResolvers<Classification>>();
  readonly #endWatch: () => void;
  #lastCall = 0;
  /** Set where it is known that none of the images it still holds is why it ends. */
  #isBlameless = false;

  constructor({ modelDir, oneThread, largeJpegs, processorSeconds }: WorkerOptions) {
    this.#child = fork(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), [], {
      env: {
        ...frugalMemory,
        ...process.env,
        ...compileCache(),
        MODEL_DIR: modelDir,
        ONE_THREAD: String(oneThread),
        LARGE_JPEGS: largeJpegs,
      },
      execArgv: [...process.execArgv, youngGeneration],
      // Images go along as bytes.
      serialization: 'advanced',
    });
    this.#ready.promise.catch(() => {});
    this.#child.on('message', (report: Report) => this.#receive(report));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`));
    this.#endWatch = monitor({
      pid: this.#child.pid ?? 0,
      current: () => this.#calls.keys().next().value,
      processorSeconds,
      onCostly: () => this.#giveUpCurrent(processorSeconds),
      onStopped: () => {
        this.#isBlameless = true;
        this.kill();
      },
    });
  }

  /** Rejects where the worker ends before it has loaded the model. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /**
   * @throws {ImageError} where the image cannot be classified, now or later.
   * @throws {ImageError} `too_costly` where it has taken all the processor time it may; then the worker is ended.
   * @throws {WorkerGone} where the worker ends, or is ended after `timeoutSeconds`, while it works on this image.
   * @throws {WorkerLost} where it ends through no fault of this image.
   */
  async classify(order: Omit<Order, 'call'>, timeoutSeconds: number): Promise<Classification> {
    const call = ++this.#lastCall;
    const answer = Promise.withResolvers<Classification>();
    this.#calls.set(call, answer);
    const overdue = setTimeout(() => this.kill(), timeoutSeconds * 1000);
    // A failure to send is a worker that is gone, and its exit says so.
    this.#child.send({ ...order, call } satisfies Order, () => {});
    try {
      return await answer.promise;
    } finally {
      clearTimeout(overdue);
      this.#calls.delete(call);
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #receive(report: Report): void {
    if (report.type === 'ready') this.#ready.resolve();
    else if (report.type === 'classified') this.#calls.get(report.call)?.resolve(report.classification);
    else this.#calls.get(report.call)?.reject(errorOf(report));
  }

  /** Native code hears no signal but this one. */
  #giveUpCurrent(processorSeconds: number): void {
    const [answer] = this.#calls.values();
    const detail = `Reading the image took more than ${processorSeconds} s of processor time. Save it again as a plain JPEG or PNG.`;
    answer?.reject(new ImageError('too_costly', detail));
    this.#isBlameless = true;
    this.kill();
  }

  #end(reason: string): void {
    this.#endWatch();
    const message = `A worker ended: ${reason}.`;
    this.#ready.reject(new WorkerGone(message));
    const [current, ...next] = this.#calls.values();
    current?.reject(this.#isBlameless ? new WorkerLost(message) : new WorkerGone(message));
    for (const answer of next) answer.reject(new WorkerLost(message));
    this.#exited.resolve();
  }
}

/** The server's own folder is one below the one to be named. */
function compileCache(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

function errorOf(report: Exclude<Report, { type: 'ready' | 'classified' }>): Error {
  return report.type === 'refused' ? new ImageError(report.code, report.message) : new Error(report.message);
}
