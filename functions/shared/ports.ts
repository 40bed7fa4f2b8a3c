import type { Job, NewJob, Transition } from './job.ts';
import type { ServiceSettings } from './settings.ts';

/** An image from storage that is held in memory. */
export interface StoredImage {
  readonly bytes: Uint8Array;
}

/** What a presigned form admits. Storage itself refuses whatever lies outside. */
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
  /** Deleting what is not there is no error. */
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
   * Yields the job as it stands (deadline applied), then its newest state whenever that has changed. States in between may be
   * left out, the last never. Returns when the job has ended, is deleted, or `signal` aborts.
   */
  watch(id: string, signal: AbortSignal): AsyncIterable<Job>;
}

/** A message as the queue delivers it. */
export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often it has been delivered, this time included. */
  readonly receiveCount: number;
}

/** The queue as functions see it: they send, and may ask for an earlier redelivery of what they hold. */
export interface JobQueue {
  send(body: string): Promise<void>;
  /** Makes a message that is held visible again after `seconds`. A receipt that is no longer valid is no error. */
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>;
}

/**
 * The queue's other end, which AWS Lambda's event source mapping takes in the cloud. After the last receive a message goes to
 * the dead-letter queue instead of being delivered again.
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

/** What a runtime hands to the functions. Each function names with `Pick` what it needs of it. */
export interface Ports {
  readonly jobs: JobStore;
  readonly images: ImageStore;
  readonly queue: JobQueue;
  readonly telemetry: Telemetry;
  readonly settings: ServiceSettings;
}
