import { type ChildProcess, fork } from 'node:child_process';
import type { SQSBatchResponse } from 'aws-lambda';
import type { JobQueue, JobStore } from '../../functions/shared/ports.ts';
import type { FromWorker, Invocation, ToWorker } from './protocol.ts';

export interface WorkerParts {
  readonly jobs: Pick<JobStore, 'transition'>;
  readonly queue: Pick<JobQueue, 'changeVisibility'>;
  readonly environment: Readonly<Record<string, string>>;
}

/** A worker ended, by itself or by us, before it had answered. */
export class WorkerGone extends Error {}

/**
 * glibc keeps freed memory in an arena for each thread, and a worker has many threads: two arenas, given back early, take a
 * quarter less. Other C libraries ignore these. https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
 */
const frugalMemory = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** Images pass through the heap as short-lived strings and buffers; room for more of them is only kept, never used. In MiB. */
const youngGeneration = '--max-semi-space-size=4';

/** The server's side of one worker process. */
export class WorkerProcess {
  readonly #parts: WorkerParts;
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #calls = new Map<number, PromiseWithResolvers<SQSBatchResponse>>();
  #lastCall = 0;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#child = fork(new URL('./worker.ts', import.meta.url), [], {
      env: { ...frugalMemory, ...process.env, ...parts.environment },
      execArgv: [...process.execArgv, youngGeneration],
      // Dates stay dates.
      serialization: 'advanced',
    });
    this.#ready.promise.catch(() => {});
    this.#child.on('message', (message: FromWorker) => this.#receive(message));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`));
  }

  /** Rejects where the worker ends before it has loaded the model. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** @throws {WorkerGone} where the worker ends, or is ended after `timeoutSeconds`, before it has answered. */
  async invoke(invocation: Invocation): Promise<SQSBatchResponse> {
    const call = ++this.#lastCall;
    const answer = Promise.withResolvers<SQSBatchResponse>();
    this.#calls.set(call, answer);
    const overdue = setTimeout(() => this.kill(), invocation.timeoutSeconds * 1000);
    this.#send({ type: 'invoke', call, invocation });
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

  #send(message: ToWorker): void {
    // A failure to send is a worker that is gone, and its exit says so.
    this.#child.send(message, () => {});
  }

  async #receive(message: FromWorker): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.#ready.resolve();
      case 'answer':
        return this.#calls.get(message.call)?.resolve(message.response);
      case 'visibility':
        return this.#parts.queue.changeVisibility(message.receiptHandle, message.seconds);
      case 'transition': {
        const result = await this.#parts.jobs.transition(message.id, message.transition);
        return this.#send({ type: 'result', call: message.call, result });
      }
    }
  }

  #end(reason: string): void {
    const gone = new WorkerGone(`A worker ended: ${reason}.`);
    this.#ready.reject(gone);
    for (const answer of this.#calls.values()) answer.reject(gone);
    this.#exited.resolve();
  }
}
