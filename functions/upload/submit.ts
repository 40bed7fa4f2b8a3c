import { randomUUID } from 'node:crypto';
import { after, type Job, type JobSource, type NewJob } from '../shared/job.ts';
import { limits } from '../shared/limits.ts';
import { imageKeyOf, objectCreatedMessage } from '../shared/object-event.ts';
import type { IdempotencyKey, Ports } from '../shared/ports.ts';
import { processingSeconds, type ServiceSettings } from '../shared/settings.ts';

/**
 * Accepts an image that came with a request: creates its job, stores it and queues it, in this order. A repeat under the same
 * idempotency key finds the first job and repeats what a crash may have left undone. A second delivery of an image is harmless.
 */
export async function submitImage(
  { jobs, images, queue }: Pick<Ports, 'jobs' | 'images' | 'queue'>,
  { fresh, image, idempotency }: Submission,
): Promise<Job> {
  const { created, job } = await jobs.create(fresh, idempotency);
  if (!created && job.status !== 'pending') return job;
  const key = imageKeyOf(job);
  await images.put(key, image);
  await queue.send(objectCreatedMessage(key));
  return job;
}

/** An image that came with a request, and the job that it begins. */
export interface Submission {
  readonly fresh: NewJob;
  readonly image: Uint8Array;
  readonly idempotency: IdempotencyKey | undefined;
}

/** A job of now, with an id of its own; nothing is written yet. */
export function freshJob(
  source: JobSource,
  models: readonly string[] | undefined,
  settings: ServiceSettings,
): NewJob {
  const createdAt = new Date();
  const seconds =
    source === 'inline'
      ? processingSeconds(settings)
      : settings.uploadFormSeconds + limits.uploadGraceSeconds;
  return {
    id: randomUUID(),
    source,
    createdAt,
    models,
    deadline: after(createdAt, seconds),
    expiresAt: after(createdAt, settings.retentionSeconds),
  };
}
