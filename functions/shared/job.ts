import * as z from 'zod';
import { modelName } from '../../layers/model/description.ts';
import { errorOf } from './errors.ts';
import { limits } from './limits.ts';

/** Times are ISO 8601 in UTC with milliseconds, so that they sort as text. */
const timestamp = z.iso.datetime();

export const jobStatus = z.enum(['pending', 'processing', 'succeeded', 'failed', 'expired']);
export type JobStatus = z.infer<typeof jobStatus>;

/** How the image came: with the request, or to storage by a presigned form. */
export const jobSource = z.enum(['inline', 'presigned']);
export type JobSource = z.infer<typeof jobSource>;

export const prediction = z
  .object({
    index: z.int().min(0).describe("Position of the class in the network's output, from 0"),
    wnid: z
      .string()
      .optional()
      .describe('WordNet id of the class, such as n02099712, where the model has them'),
    label: z.string().describe('Name of the class, such as Labrador_retriever'),
    score: z.number().min(0).max(1).describe('Probability, a float32, unrounded'),
  })
  .describe('One class and how probable it is.');
export type Prediction = z.infer<typeof prediction>;

export const imageFacts = z
  .object({
    format: z.string(),
    width: z.int().positive().describe('Pixels, of the upright picture'),
    height: z.int().positive(),
    bytes: z.int().positive().describe('Size of the file'),
    sha256: z.string().describe('SHA-256 of the file, in hex'),
  })
  .describe('What the image file was.');
export type ImageFacts = z.infer<typeof imageFacts>;

export const timings = z
  .object({ decode: z.number(), resize: z.number(), network: z.number() })
  .describe('Milliseconds spent in each step');
export type Timings = z.infer<typeof timings>;

export const modelIdentity = z
  .object({
    name: z.string(),
    sha256: z.string().describe('SHA-256 of the weights file, in hex'),
  })
  .describe('Which weights answered.');
export type ModelIdentity = z.infer<typeof modelIdentity>;

export const modelResult = z
  .object({ model: modelIdentity, predictions: z.array(prediction).describe('Best first') })
  .describe('What one model saw in the image.');
export type ModelResult = z.infer<typeof modelResult>;

export const jobError = z
  .object({ code: z.string(), detail: z.string() })
  .describe('Why the job has no predictions.');
export type JobError = z.infer<typeof jobError>;

/** A job as the table holds it. `expired` is never stored: see {@link jobAsOf}. */
export const jobSchema = z
  .object({
    id: z.uuid().describe('Random, and the right to see the job'),
    status: jobStatus,
    version: z.int().positive().describe('Rises with every change'),
    source: jobSource,
    createdAt: timestamp,
    startedAt: timestamp.optional(),
    finishedAt: timestamp.optional(),
    deadline: timestamp.describe('A job that has not ended by then reads as ended'),
    expiresAt: timestamp.describe('The job and its image are kept until then'),
    attempts: z
      .int()
      .min(0)
      .describe('Tries to classify it that began; counted again from 1 when a failed job is sent again'),
    models: z
      .array(modelName)
      .optional()
      .describe('Which models the request named; absent where it named none, which is the default model'),
    image: imageFacts.optional(),
    predictions: z
      .array(prediction)
      .optional()
      .describe('Best first; absent where several models were named'),
    timings: timings.optional(),
    model: modelIdentity.optional(),
    results: z
      .record(modelName, modelResult)
      .optional()
      .describe('Where several models were named, what each saw, by name'),
    error: jobError.optional(),
  })
  .describe('A job as it stands.');
export type Job = z.infer<typeof jobSchema>;

export interface NewJob {
  readonly id: string;
  readonly source: JobSource;
  readonly createdAt: Date;
  readonly deadline: Date;
  readonly expiresAt: Date;
  /** Which models the request names; the default one where it names none. */
  readonly models?: readonly string[] | undefined;
}

/** What happens to a job after its creation. */
export type Transition =
  | BeginTry
  | { readonly to: 'uncounted'; readonly at: Date }
  | { readonly to: 'succeeded'; readonly at: Date; readonly outcome: Outcome }
  | { readonly to: 'failed'; readonly at: Date; readonly error: JobError };

/** A try begins, and is recorded before it does: whatever becomes of the process, the record has counted it. */
export interface BeginTry {
  readonly to: 'processing';
  readonly at: Date;
  readonly deadline: Date;
  /** A job whose tries are used up does not begin another. */
  readonly maxTries: number;
  /** When the message was sent. One sent since the job was given up, by a redrive or a new upload, has tries of its own. */
  readonly sentAt: Date;
}

interface ImageOutcome {
  readonly image: ImageFacts;
  readonly timings: Timings;
}

/** What one model saw in an image. */
export interface SingleOutcome extends ImageOutcome, Readonly<ModelResult> {}

/** What each of several models saw, where the request named several. */
export interface SeveralOutcome extends ImageOutcome {
  readonly results: Record<string, ModelResult>;
}

export type Outcome = SingleOutcome | SeveralOutcome;

/**
 * The stored statuses each transition may start from. `succeeded` is final: the first image that succeeds wins. `uncounted` takes
 * the last try back, which a fault of a dependency has ended; the status stays.
 */
export const transitionsFrom = {
  processing: ['pending', 'processing', 'failed'],
  uncounted: ['processing'],
  succeeded: ['pending', 'processing', 'failed'],
  failed: ['pending', 'processing'],
} as const satisfies Record<Transition['to'], readonly JobStatus[]>;

export function newJob({ id, source, createdAt, deadline, expiresAt, models }: NewJob): Job {
  return {
    id,
    source,
    status: 'pending',
    version: 1,
    attempts: 0,
    createdAt: createdAt.toISOString(),
    deadline: deadline.toISOString(),
    expiresAt: expiresAt.toISOString(),
    ...(models !== undefined && { models: [...models] }),
  };
}

/** The job after a transition, or `undefined` where its status does not allow it. */
export function applyTransition(job: Job, transition: Transition): Job | undefined {
  const from: readonly JobStatus[] = transitionsFrom[transition.to];
  if (!from.includes(job.status)) return undefined;
  const { error: _, finishedAt: __, ...rest } = job;
  const at = transition.at.toISOString();
  const next = { ...rest, version: job.version + 1 };
  switch (transition.to) {
    case 'processing':
      return mayBegin(job, transition)
        ? { ...next, ...beginning(job, transition), status: 'processing', startedAt: at }
        : undefined;
    case 'uncounted':
      return { ...next, attempts: Math.max(0, job.attempts - 1) };
    case 'succeeded':
      return { ...next, status: 'succeeded', finishedAt: at, ...transition.outcome };
    case 'failed':
      return { ...next, status: 'failed', finishedAt: at, error: transition.error };
  }
}

/** A message that was there before the job was given up is a late delivery: it must not begin five more tries. */
function mayBegin(
  { status, attempts, error, finishedAt = '' }: Job,
  { maxTries, sentAt }: BeginTry,
): boolean {
  if (status !== 'failed') return attempts < maxTries;
  return error?.code !== 'gave_up' || sentAt.toISOString() >= finishedAt;
}

function beginning({ status, attempts, deadline }: Job, transition: BeginTry) {
  return {
    attempts: status === 'failed' ? 1 : attempts + 1,
    deadline: later(deadline, transition.deadline),
  };
}

/**
 * The job as a client sees it at `now`. Past its deadline a job that has not ended reads as ended, so that a status never hangs
 * and nothing has to sweep the table: `expired` where no image came, else `failed` with code `lost`. Its version counts as one
 * higher than the stored one; a late result takes that place or a later one.
 */
export function jobAsOf(job: Job, now: Date): Job {
  if (hasEnded(job) || now.toISOString() < job.deadline) return job;
  const ended = { ...job, version: job.version + 1, finishedAt: job.deadline };
  if (job.source === 'presigned' && job.status === 'pending') {
    return { ...ended, status: 'expired', error: errorOf('upload_expired') };
  }
  return { ...ended, status: 'failed', error: errorOf('lost') };
}

export function hasEnded(job: Job): boolean {
  return job.status !== 'pending' && job.status !== 'processing';
}

/** Past this time the job answers 410. */
export function isGone(job: Job, now: Date): boolean {
  return now.toISOString() >= job.expiresAt;
}

/** From then on a job that is gone is not even remembered, and answers 404. */
export function forgetAt({ expiresAt }: Job): Date {
  return after(new Date(expiresAt), limits.goneSeconds);
}

/** `time` moved by `seconds`. */
export function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}

function later(stored: string, candidate: Date): string {
  const time = candidate.toISOString();
  return time > stored ? time : stored;
}
