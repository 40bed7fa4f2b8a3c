import type { Classification } from '../../layers/model/run/classifier.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import { isProblemCode, Problem } from '../shared/errors.ts';
import { givingUp, reportGivenUp } from '../shared/give-up.ts';
import { after, hasEnded, type Job, type ModelIdentity, type Transition } from '../shared/job.ts';
import type { StoredObject } from '../shared/object-event.ts';
import type { ImageStore, Ports, Telemetry, TransitionResult } from '../shared/ports.ts';
import { processingSeconds } from '../shared/settings.ts';
import { metrics } from '../shared/telemetry.ts';

/** Classifies images such as the store of the same runtime hands on. */
export interface ImageClassifier<Image> {
  readonly model: ModelIdentity;
  /**
   * @param models what they are called by; the default one where nothing is said.
   * @throws {ImageError} where the image cannot be classified, now or later.
   * @throws {Error} any other error may be transient: the image is tried again.
   */
  classify(image: Image, models?: readonly string[]): Promise<Classification>;
}

/** What the classify function needs, and no more: the ports, and a model that is loaded. It sends no messages. */
export interface ClassifyPorts<Image> extends Pick<Ports, 'telemetry' | 'settings'> {
  readonly jobs: Pick<Ports['jobs'], 'read' | 'transition'>;
  readonly queue: Pick<Ports['queue'], 'changeVisibility'>;
  readonly images: Pick<ImageStore<Image>, 'get' | 'delete'>;
  readonly classifier: ImageClassifier<Image>;
}

/**
 * Tries one stored image and writes the outcome to its job. Classifying is deterministic, so doing it twice is harmless. An image
 * that cannot be classified fails its job; so does one whose tries are used up. Only what begins after storage and table have
 * answered is a try, and it is recorded before it begins.
 * @throws for the queue to deliver the message again: a fault of storage or table, or of a try that was not the last.
 */
export async function processImage<Image>(object: StoredObject, ports: ClassifyPorts<Image>): Promise<void> {
  const { key, jobId, storedAt } = object;
  const telemetry = ports.telemetry.forJob(jobId);
  const image = await fetchImage(key, ports);
  const begun = await beginTry(object, ports);
  if (begun.job === undefined) return discard(key, ports, telemetry);
  if (!begun.applied && hasEnded(begun.job)) {
    return telemetry.info('duplicate delivery', { status: begun.job.status });
  }
  const ending = begun.applied ? await tryImage(image, begun.job, ports, telemetry) : givingUp();
  const { applied, job } = await endTry(jobId, ending, ports, telemetry);
  if (job === undefined) return discard(key, ports, telemetry);
  if (applied && isGivenUp(ending)) reportGivenUp(job, telemetry);
  report(job, storedAt, telemetry);
}

/**
 * The image, or why storage has none that can be classified.
 * @throws where storage fails.
 */
async function fetchImage<Image>(
  key: string,
  { images }: Pick<ClassifyPorts<Image>, 'images'>,
): Promise<Image | Problem> {
  try {
    return (await images.get(key)) ?? new Problem('image_missing');
  } catch (error) {
    if (error instanceof Problem && error.code === 'image_too_large') return error;
    throw error;
  }
}

/** A message without a time counts as older than any other. */
function beginTry(
  { jobId, storedAt = new Date(0) }: StoredObject,
  { jobs, settings }: Pick<ClassifyPorts<never>, 'jobs' | 'settings'>,
) {
  const at = new Date();
  const deadline = after(at, processingSeconds(settings));
  const { maxTries } = settings;
  return jobs.transition(jobId, { to: 'processing', at, deadline, maxTries, sentAt: storedAt });
}

/** @throws what is no fault of the image, unless this was the last try. */
async function tryImage<Image>(
  image: Image | Problem,
  { attempts, models }: Job,
  { classifier, settings }: Pick<ClassifyPorts<Image>, 'classifier' | 'settings'>,
  telemetry: Telemetry,
): Promise<Transition> {
  if (image instanceof Problem) return failing(image);
  try {
    return succeeding(await classifier.classify(image, models));
  } catch (error) {
    if (error instanceof ImageError) return failing(error);
    if (attempts < settings.maxTries) throw error;
    telemetry.error('the last try failed', error);
    return givingUp();
  }
}

/** Writes how a try ended. Where the table does not take it, the image is not at fault: the try is taken back if that can be written. */
async function endTry(
  jobId: string,
  ending: Transition,
  { jobs }: Pick<ClassifyPorts<never>, 'jobs'>,
  telemetry: Telemetry,
): Promise<TransitionResult> {
  try {
    return await jobs.transition(jobId, ending);
  } catch (fault) {
    if (!isGivenUp(ending)) {
      await jobs.transition(jobId, { to: 'uncounted', at: new Date() }).catch((cause: unknown) => {
        telemetry.warn('try not taken back', { cause: String(cause) });
      });
    }
    throw fault;
  }
}

export function succeeding({ image, predictions, timings, model, results }: Classification): Transition {
  const outcome =
    results === undefined ? { image, predictions, timings, model } : { image, timings, results };
  return { to: 'succeeded', at: new Date(), outcome };
}

export function failing({ code, message }: ImageError | Problem): Transition {
  return { to: 'failed', at: new Date(), error: { code, detail: message } };
}

function isGivenUp(ending: Transition): boolean {
  return ending.to === 'failed' && ending.error.code === 'gave_up';
}

/** Counts a job that has ended, and logs it. */
export function report(job: Job, storedAt: Date | undefined, telemetry: Telemetry): void {
  const outcome = job.error !== undefined && isProblemCode(job.error.code) ? job.error.code : job.status;
  telemetry.count(metrics.images, { outcome });
  const createdAt = Date.parse(job.createdAt);
  telemetry.milliseconds(metrics.createdToEnded, Date.now() - createdAt);
  telemetry.milliseconds(metrics.storedToEnded, Date.now() - (storedAt?.getTime() ?? createdAt));
  if (job.timings !== undefined) {
    telemetry.milliseconds(metrics.decode, job.timings.decode);
    telemetry.milliseconds(metrics.network, job.timings.network);
  }
  telemetry.info('job ended', { outcome, timings: job.timings, attempts: job.attempts });
}

/** The job was deleted: nobody may see its image any more. */
async function discard<Image>(
  key: string,
  { images }: ClassifyPorts<Image>,
  telemetry: Telemetry,
): Promise<void> {
  await images.delete(key);
  telemetry.info('job is gone, image deleted');
}
