import type { Job, Model } from '../../client/client.ts';
import { Failure, toFailure, unreachable } from '../../client/failure.ts';
import { pauseFor } from '../../client/retry.ts';
import { answered, submitImage } from '../../client/submit.ts';
import { api, baseUrl, cancelled, sendWithProgress } from './api.ts';
import { followJob } from './follow.ts';

/** Where a picture is on its way. `progress` is from 0 to 1. */
export type Phase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending'; readonly progress: number; readonly connected: boolean }
  | { readonly kind: 'classifying'; readonly connected: boolean }
  | { readonly kind: 'labelled'; readonly job: Job }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Milliseconds between attempts to send. */
const pauses = [500, 1000, 2000, 4000];
const lostLine = ['unreachable', 'unavailable'];

/** A picture in the list: what was chosen, and its job once there is one. */
export class Picture {
  readonly name: string;
  readonly bytes: number;
  readonly file: File | undefined;
  /** Told of every change of {@link phase}. */
  onChange: () => void = () => {};
  #phase: Phase = { kind: 'waiting' };
  #jobId: string | undefined;
  #idempotencyKey = randomKey();
  #controller = new AbortController();

  constructor(chosen: { name: string; bytes: number; file?: File; jobId?: string }) {
    this.name = chosen.name;
    this.bytes = chosen.bytes;
    this.file = chosen.file;
    this.#jobId = chosen.jobId;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get jobId(): string | undefined {
    return this.#jobId;
  }

  /** Whether trying again may help, and there is still something to try with. */
  get canRetry(): boolean {
    if (this.#phase.kind !== 'failed' || !this.#phase.failure.transient) return false;
    const goesOn = this.#jobId !== undefined && this.#phase.failure.code === 'unreachable';
    return goesOn || this.file !== undefined;
  }

  /** Sends the picture, unless that is done, and follows its job to the end. Never rejects. */
  async process(limits: Model['limits']): Promise<void> {
    if (this.#controller.signal.aborted) return;
    const { signal } = this.#controller;
    try {
      this.#jobId ??= await this.#send(limits, signal);
      this.#enter({ kind: 'classifying', connected: true });
      const onLine = (connected: boolean) => this.#enter({ kind: 'classifying', connected });
      this.#end(await followJob(this.#jobId, { signal, onLine }));
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  /** Makes ready for another {@link process}. What got no answer is sent under the same key, so that it counts once. */
  retry(): void {
    if (this.#phase.kind !== 'failed') return;
    this.#controller = new AbortController();
    if (this.#phase.failure.code !== 'unreachable') {
      this.#jobId = undefined;
      this.#idempotencyKey = randomKey();
    }
    this.#enter({ kind: 'waiting' });
  }

  /**
   * Stops what is under way, and deletes the job and its image.
   * @throws {Failure} where the service could not be told.
   */
  async delete(): Promise<void> {
    this.#controller.abort();
    if (this.#jobId === undefined) return;
    const call = api.DELETE('/status/{id}', { params: { path: { id: this.#jobId } } });
    const { error, response } = await answered(call);
    const isGone = response.ok || response.status === 404;
    if (!isGone) throw toFailure(response.status, error);
  }

  /** Sends the picture, again for a few seconds where there is no answer: under one key it counts once. */
  async #send(limits: Model['limits'], signal: AbortSignal): Promise<string> {
    for (const pause of [...pauses, undefined]) {
      try {
        return await this.#sendOnce(limits, signal);
      } catch (error) {
        if (pause === undefined || !(error instanceof Failure)) throw error;
        await this.#waitAfter(error, pause);
      }
    }
    throw unreachable();
  }

  /** Waits for as long as the service asks for, or for `pause` milliseconds where the connection is lost. */
  async #waitAfter(failure: Failure, pause: number): Promise<void> {
    const { code, retryAfterSeconds } = failure;
    if (retryAfterSeconds === undefined && !lostLine.includes(code)) throw failure;
    if (retryAfterSeconds === undefined) this.#enter({ kind: 'sending', progress: 0, connected: false });
    else this.#enter({ kind: 'waiting' });
    const milliseconds = retryAfterSeconds === undefined ? pause : pauseFor(retryAfterSeconds);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  #sendOnce(limits: Model['limits'], signal: AbortSignal): Promise<string> {
    if (signal.aborted) throw cancelled();
    if (this.file === undefined)
      throw new Failure('not_found', 'The picture is no longer here. Choose it again.');
    const onProgress = (progress: number) => this.#enter({ kind: 'sending', progress, connected: true });
    onProgress(0);
    return submitImage(this.file, {
      api,
      baseUrl,
      limits,
      idempotencyKey: this.#idempotencyKey,
      send: (message) => sendWithProgress(message, onProgress, signal),
    });
  }

  #end(job: Job): void {
    if (job.status === 'succeeded') this.#enter({ kind: 'labelled', job });
    else this.fail(jobFailure(job));
  }

  /** Shows what went wrong, in words. */
  fail(error: unknown): void {
    const failure =
      error instanceof Failure
        ? error
        : new Failure('unexpected', `Something went wrong in this page: ${error}`);
    this.#enter({ kind: 'failed', failure });
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.onChange();
  }
}

/** Why the job failed; all but what is wrong with the picture itself may go well another time. */
function jobFailure({ error }: Job): Failure {
  const { code, detail } = error ?? { code: 'failed', detail: 'It could not be classified. Send it again.' };
  return new Failure(code, detail, { transient: !picturesOwn.includes(code) });
}

const picturesOwn = [
  'unsupported_image',
  'unsupported_variant',
  'corrupt_image',
  'too_many_pixels',
  'too_costly',
  'image_too_large',
  'empty_file',
];

/** `crypto.randomUUID` exists on secure origins only; this on all. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
