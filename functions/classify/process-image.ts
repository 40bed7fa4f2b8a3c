import type { Classification } from '../../layers/model/run/classifier.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import { isProblemCode, Problem, type ProblemCode } from '../shared/errors.ts';
import { after, type Job, type ModelIdentity, type Outcome, type Transition } from '../shared/job.ts';
import type { StoredObject } from '../shared/object-event.ts';
import type { ImageStore, Ports, Telemetry } from '../shared/ports.ts';
import { processingSeconds } from '../shared/settings.ts';
import { metrics } from '../shared/telemetry.ts';

/** Classifies images such as the store of the same runtime hands on. */
export interface ImageClassifier<Image> {
  readonly model: ModelIdentity;
  /**
   * @throws {ImageError} where the image cannot be classified, now or later.
   * @throws {Error} any other error may be transient: the image is tried again.
   */
  classify(image: Image): Promise<Classification>;
}

/** What the classify function needs: the ports, and a model that is loaded. It sends no messages. */
export interface ClassifyPorts<Image> extends Omit<Ports, 'queue' | 'images'> {
  readonly queue: Pick<Ports['queue'], 'changeVisibility'>;
  readonly images: Pick<ImageStore<Image>, 'get' | 'delete'>;
  readonly classifier: ImageClassifier<Image>;
}

/**
 * Classifies one stored image and writes the outcome to its job. Classifying is deterministic, so doing it twice is harmless.
 * An image that cannot be classified fails its job. Whatever else goes wrong is thrown, for the queue to deliver again.
 */
export async function processImage<Image>(object: StoredObject, ports: ClassifyPorts<Image>): Promise<void> {
  const { key, jobId, storedAt } = object;
  const { jobs, settings } = ports;
  const telemetry = ports.telemetry.forJob(jobId);
  const at = new Date();
  const starting = jobs.transition(jobId, {
    to: 'processing',
    at,
    deadline: after(at, processingSeconds(settings)),
  });
  // Begun before it is known whether the job still wants it: it nearly always does, and the table takes a while to say so.
  const classifying = classify(key, ports);
  classifying.catch(() => {});
  const started = await starting;
  if (started.job === undefined) return discard(key, ports, telemetry);
  if (!started.applied) return telemetry.info('duplicate delivery', { status: started.job.status });
  const ending = await classifying.then(succeeded, failed);
  const { job } = await jobs.transition(jobId, ending);
  if (job === undefined) return discard(key, ports, telemetry);
  report(job, storedAt, telemetry);
}

async function classify<Image>(key: string, { images, classifier }: ClassifyPorts<Image>): Promise<Outcome> {
  const image = await images.get(key);
  if (image === undefined) throw new Problem('image_missing');
  return { ...(await classifier.classify(image)), model: classifier.model };
}

function succeeded(outcome: Outcome): Transition {
  return { to: 'succeeded', at: new Date(), outcome };
}

/** @throws what is no fault of the image, and may not come again. */
function failed(error: unknown): Transition {
  if (!(error instanceof ImageError || error instanceof Problem)) throw error;
  const code: ProblemCode = error.code;
  return { to: 'failed', at: new Date(), error: { code, detail: error.message } };
}

function report(job: Job, storedAt: Date | undefined, telemetry: Telemetry): void {
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
