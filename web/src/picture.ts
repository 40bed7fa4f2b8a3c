import type { Job, Model } from '../../client/client.ts';
import { Failure, toFailure } from '../../client/failure.ts';
import { pauseFor } from '../../client/retry.ts';
import { answered, predictImage, type SubmitOptions, submitImage, wayOf } from '../../client/submit.ts';
import { api, baseUrl, cancelled, sendWithProgress } from './api.ts';
import { followJob } from './follow.ts';
import type { ImageFacts, Remembered, Scored } from './store.ts';

/** How far a picture is. `progress` is from 0 to 1. */
export type Phase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending'; readonly progress: number; readonly connected: boolean }
  | { readonly kind: 'classifying'; readonly connected: boolean }
  | { readonly kind: 'labelled'; readonly labels: readonly Scored[] }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Milliseconds between attempts to send, where the service does not say how long to wait. */
const pauses = [500, 1000, 2000, 4000, 8000];
/** How long a service that is busy is asked again. */
const busyMilliseconds = 5 * 60_000;
const lostLine = ['unreachable', 'unavailable'];
/** How many labels are shown. */
const top = 3;

/** A picture in the list: what was chosen, and its job once there is one. */
export class Picture {
  readonly name: string;
  readonly bytes: number;
  readonly file: File | undefined;
  /** What the model is called by that sees it; `undefined` is the service's default. */
  readonly model: string | undefined;
  /** Told of every change of {@link phase}. */
  onChange: () => void = () => {};
  /** What is known of the image itself. */
  image: ImageFacts | undefined;
  #phase: Phase = { kind: 'waiting' };
  #jobId: string | undefined;
  #idempotencyKey = randomKey();
  #controller = new AbortController();

  constructor(chosen: { name: string; bytes: number; file?: File; model?: string | undefined }) {
    this.name = chosen.name;
    this.bytes = chosen.bytes;
    this.file = chosen.file;
    this.model = chosen.model;
  }

  /** A picture as it was before the page was loaded again. */
  static restore({ name, bytes, jobId, image, model, labels, failure }: Remembered): Picture {
    const picture = new Picture({ name, bytes, model });
    picture.#jobId = jobId;
    picture.image = image;
    if (labels) picture.#phase = { kind: 'labelled', labels };
    else if (failure) picture.#phase = { kind: 'failed', failure: new Failure(failure.code, failure.detail) };
    return picture;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get jobId(): string | undefined {
    return this.#jobId;
  }

  get hasEnded(): boolean {
    return this.#phase.kind === 'labelled' || this.#phase.kind === 'failed';
  }

  /** Whether trying again may help, and there is still something to try with. */
  get canRetry(): boolean {
    if (this.#phase.kind !== 'failed' || !this.#phase.failure.transient) return false;
    const goesOn = this.#jobId !== undefined && this.#phase.failure.code === 'unreachable';
    return goesOn || this.file !== undefined;
  }

  /** Sends the picture, unless that is done, and waits for its labels. Never rejects. */
  async process(limits: Model['limits']): Promise<void> {
    if (this.#controller.signal.aborted) return;
    const { signal } = this.#controller;
    try {
      if (this.#jobId === undefined) await this.#send(limits, signal);
      if (this.#jobId === undefined || this.hasEnded) return;
      this.#enter({ kind: 'classifying', connected: true });
      const onLine = (connected: boolean) => this.#enter({ kind: 'classifying', connected });
      const job = await followJob(this.#jobId, { signal, onLine });
      if (job.image) this.image = job.image;
      if (job.status === 'succeeded') this.#enter({ kind: 'labelled', labels: job.predictions ?? [] });
      else this.fail(jobFailure(job));
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

  /** Stops what is under way, until {@link resume}. */
  pause(): void {
    if (!this.hasEnded) this.#controller.abort();
  }

  /** Makes ready for another {@link process}, where {@link pause} stopped one. */
  resume(): void {
    if (!this.#controller.signal.aborted || this.hasEnded) return;
    this.#controller = new AbortController();
    this.#enter({ kind: 'waiting' });
  }

  /**
   * Deletes the job and its image; once that is done, stops what is under way.
   * @throws {Failure} where the service could not be told.
   */
  async delete(): Promise<void> {
    if (this.#jobId !== undefined) {
      const call = api.DELETE('/status/{id}', { params: { path: { id: this.#jobId } } });
      const { error, response } = await answered(call);
      const isGone = response.ok || response.status === 404;
      if (!isGone) throw toFailure(response.status, error);
    }
    this.#controller.abort();
  }

  /**
   * Sends the picture, again for a while where there is no answer or the service is busy: under one key it counts once. Ends with the
   * labels, or with a job to follow.
   */
  async #send(limits: Model['limits'], signal: AbortSignal): Promise<void> {
    const began = Date.now();
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#sendOnce(limits, signal);
        return;
      } catch (error) {
        const pause = nextPause(error, attempt, Date.now() - began);
        if (pause === undefined || signal.aborted) throw error;
        this.#enter({ kind: 'sending', progress: 0, connected: isBusy(error) });
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async #sendOnce(limits: Model['limits'], signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw cancelled();
    if (this.file === undefined)
      throw new Failure('not_found', 'The picture is no longer here. Choose it again.');
    const onProgress = (progress: number) => this.#enter({ kind: 'sending', progress, connected: true });
    onProgress(0);
    const options: SubmitOptions = {
      api,
      baseUrl,
      limits,
      model: this.model,
      idempotencyKey: this.#idempotencyKey,
      send: (message) => sendWithProgress(message, onProgress, signal),
    };
    if (wayOf(this.file.size, limits) === 'presigned') {
      this.#jobId = await submitImage(this.file, options);
      return;
    }
    const answer = await predictImage(this.file, options, { top, minScore: 0 });
    this.#jobId = answer.id;
    if ('labels' in answer) this.#enter({ kind: 'labelled', labels: answer.labels });
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

/** Milliseconds to wait before the picture is sent again; `undefined` where that is no use. */
function nextPause(error: unknown, attempt: number, elapsed: number): number | undefined {
  if (!(error instanceof Failure)) return undefined;
  if (error.retryAfterSeconds === undefined)
    return lostLine.includes(error.code) ? pauses[attempt] : undefined;
  return elapsed < busyMilliseconds ? pauseFor(error.retryAfterSeconds) : undefined;
}

function isBusy(error: unknown): boolean {
  return error instanceof Failure && error.retryAfterSeconds !== undefined;
}

/** Why the job failed; all but what is wrong with the picture itself may go well another time. */
function jobFailure({ error }: Pick<Job, 'error'>): Failure {
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
