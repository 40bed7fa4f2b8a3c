import type { ChildProcess } from 'node:child_process';
import type { Classification } from '../../layers/model/run/classifier.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import { monitor } from './monitor.ts';
import type { Order, Report, Setup } from './protocol.ts';

/** A worker ended, by itself or by us, before it had answered. */
export class WorkerGone extends Error {}

/** The image is not why: the worker had not begun it, or was stopped from outside. */
export class WorkerLost extends Error {}

export interface WorkerOptions extends Setup {
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

  /** @param child a process that waits for its settings. */
  constructor({ processorSeconds, ...setup }: WorkerOptions, child: ChildProcess) {
    this.#child = child;
    // A failure to send is a worker that is gone, and its exit says so.
    child.send(setup satisfies Setup, () => {});
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

function errorOf(report: Exclude<Report, { type: 'ready' | 'classified' }>): Error {
  return report.type === 'refused' ? new ImageError(report.code, report.message) : new Error(report.message);
}
