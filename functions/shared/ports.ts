import type { Job, NewJob, Transition } from './job.ts';
import type { ServiceSettings } from './settings.ts';

/** An image from storage that is held in memory. */
export interface StoredImage {
  readonly bytes: Uint8Array;
}

/** What a presigned form allows. Storage itself refuses everything else. */
export interface UploadTerms {
  readonly key: string;
  /** The media type the form's `Content-Type` field must carry, such as `image/jpeg`. */
  readonly contentType: string;
  readonly maxBytes: number;
  readonly expiresAt: Date;
}

/** A form for `multipart/form-data`: `fields` first, then the image as `file`. */
export interface UploadForm {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Object storage for images. `Image` is what a stored image is handed on as: only the classifier looks inside, and a runtime's store
 * and classifier agree on it.
 */
export interface ImageStore<Image = unknown> {
  put(key: string, image: Uint8Array): Promise<void>;
  /** Resolves to `undefined` where no image has that key. */
  get(key: string): Promise<Image | undefined>;
  /** Does not throw where no image has that key. */
  delete(key: string): Promise<void>;
  presignUpload(terms: UploadTerms): Promise<UploadForm>;
}

/** An idempotency key as the job table keeps it: both digests in hex. */
export interface IdempotencyKey {
  readonly key: string;
  readonly request: string;
}

/** The job as it stands, and whether this call made it so. */
export interface CreateResult {
  readonly created: boolean;
  readonly job: Job;
}

/** `job` is the record as it stands after the call; `undefined` where none exists. */
export interface TransitionResult {
  readonly applied: boolean;
  readonly job: Job | undefined;
}

/** The job table. */
export interface JobStore {
  /**
   * Writes a new job, once per idempotency key: a repeat answers with the first job.
   * @throws {Problem} `idempotency_key_reused` where the key came with another request.
   */
  create(job: NewJob, idempotency?: IdempotencyKey): Promise<CreateResult>;
  read(id: string): Promise<Job | undefined>;
  /** Resolves to the job that was removed, `undefined` where there was none. */
  delete(id: string): Promise<Job | undefined>;
  /** Applies a transition where the job exists and its status allows it; raises `version` by one. */
  transition(id: string, transition: Transition): Promise<TransitionResult>;
  /**
   * Yields the job as it stands (deadline applied), then its newest state after each change. It may skip states in between, but never
   * the last. Returns when the job has ended, is deleted, or `signal` aborts.
   */
  watch(id: string, signal: AbortSignal): AsyncIterable<Job>;
}

/** A message as the queue delivers it. */
export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often it has been delivered, including this time. */
  readonly receiveCount: number;
}

/** The queue as functions see it: they send messages, and may ask for an earlier redelivery of one that they received. */
export interface JobQueue {
  send(body: string): Promise<void>;
  /** Makes a message that was received visible again after `seconds`. Does not throw where the receipt is no longer valid. */
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>;
}

/**
 * The receiving end of the queue. In AWS, Lambda's event source mapping receives. After its last delivery a message goes to the
 * dead-letter queue.
 */
export interface JobQueueConsumer extends JobQueue {
  receive(options: { readonly max: number; readonly waitSeconds: number }): Promise<QueueMessage[]>;
  delete(receiptHandle: string): Promise<void>;
}

/** Logs, counts and durations. `forJob` puts a job's id on every line. */
export interface Telemetry {
  forJob(id: string): Telemetry;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, error: unknown): void;
  count(name: string, dimensions?: Readonly<Record<string, string>>): void;
  milliseconds(name: string, value: number): void;
}

/** Classifies images that came with a request while the request waits. Only a runtime that has the model at hand has one. */
export interface ImmediateClassifier {
  /**
   * Resolves to the job when it has ended and is written, within so many milliseconds. Resolves to `undefined` where the image has to be
   * stored and queued instead, because others wait, time is up, the try failed or the idempotency key stands for another job: then nothing
   * of the job is kept. A repeat under a key resolves to `undefined` when the first has ended, which the job store then knows.
   */
  classify(
    job: NewJob,
    image: Uint8Array,
    milliseconds: number,
    idempotency: IdempotencyKey | undefined,
  ): Promise<Job | undefined>;
}

/** What a runtime hands to the functions. Each function names with `Pick` what it needs of it. */
export interface Ports {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly immediate?: ImmediateClassifier;
  readonly telemetry: Telemetry;
  readonly settings: ServiceSettings;
  /** What requests call the models by that classify, the default first. */
  readonly models: readonly string[];
}
