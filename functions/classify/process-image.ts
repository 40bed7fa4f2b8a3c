import { isProblemCode, Problem } from '../shared/errors.ts';
import { after, type Job, type JobError } from '../shared/job.ts';
import type { StoredObject } from '../shared/object-event.ts';
import type { ImageStore, JobStore, Telemetry } from '../shared/ports.ts';
import { type DeliverySettings, processingSeconds } from '../shared/settings.ts';
import { metrics } from '../shared/telemetry.ts';
import type { Classifier } from './classifier.ts';

export interface ProcessPorts {
  readonly jobs: Pick<JobStore, 'transition'>;
  readonly images: Pick<ImageStore, 'get' | 'delete'>;
  readonly classifier: Classifier;
  readonly telemetry: Telemetry;
  readonly settings: DeliverySettings;
}

/**
 * Classifies one stored image and writes the outcome to its job. Classifying is deterministic, so doing it twice is harmless.
 * An image that cannot be classified fails its job. Whatever else goes wrong is thrown, for the queue to deliver again.
 */
export async function processImage({ key, jobId }: StoredObject, ports: ProcessPorts): Promise<void> {
  const { jobs, images, settings } = ports;
  const telemetry = ports.telemetry.forJob(jobId);
  const at = new Date();
  const starting = { to: 'processing', at, deadline: after(at, processingSeconds(settings)) } as const;
  const fetching = images.get(key);
  // Its failure is dealt with where it is awaited, which may be never.
  fetching.catch(() => {});
  const started = await jobs.transition(jobId, starting);
  if (started.job === undefined) return discard(key, ports, telemetry);
  if (!started.applied) return telemetry.info('duplicate delivery', { status: started.job.status });
  try {
    const image = await fetching;
    if (image === undefined)
      throw new Problem('image_missing', 'The image is no longer in storage. Send it again.');
    const { classifier } = ports;
    const outcome = { ...(await classifier.classify(image)), model: classifier.model };
    telemetry.milliseconds(metrics.decode, outcome.timings.decode);
    telemetry.milliseconds(metrics.network, outcome.timings.network);
    const { job } = await jobs.transition(jobId, { to: 'succeeded', at: new Date(), outcome });
    await finish(job, key, ports, telemetry);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const failed = { to: 'failed', at: new Date(), error: toJobError(error) } as const;
    const { job } = await jobs.transition(jobId, failed);
    await finish(job, key, ports, telemetry);
  }
}

async function finish(
  job: Job | undefined,
  key: string,
  ports: ProcessPorts,
  telemetry: Telemetry,
): Promise<void> {
  if (job === undefined) return discard(key, ports, telemetry);
  const outcome = job.error !== undefined && isProblemCode(job.error.code) ? job.error.code : job.status;
  telemetry.count(metrics.images, { outcome });
  telemetry.milliseconds(metrics.createdToEnded, Date.now() - Date.parse(job.createdAt));
  telemetry.info('job ended', { outcome, timings: job.timings, attempts: job.attempts });
}

/** The job was deleted: nobody may see its image any more. */
async function discard(key: string, { images }: ProcessPorts, telemetry: Telemetry): Promise<void> {
  await images.delete(key);
  telemetry.info('job is gone, image deleted');
}

function toJobError({ code, detail }: Problem): JobError {
  return { code, detail };
}
