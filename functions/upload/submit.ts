import { createHash, randomUUID } from 'node:crypto';
import { after, type Job, type JobSource, type NewJob } from '../shared/job.ts';
import { limits } from '../shared/limits.ts';
import { modelsText } from '../shared/models.ts';
import { imageKeyOf, objectCreatedMessage } from '../shared/object-event.ts';
import type { IdempotencyKey, Ports } from '../shared/ports.ts';
import { processingSeconds, type ServiceSettings } from '../shared/settings.ts';

/**
 * Accepts an image that came with a request: creates its job, stores it and queues it, in this order. A repeat under the same
 * idempotency key finds the first job and repeats what a crash may have left undone. A second delivery of an image is harmless.
 */
export async function submitImage(
  ports: SubmitPorts & Pick<Ports, 'images' | 'queue'>,
  fresh: NewJob,
  image: Uint8Array,
  idempotencyKey: string | undefined,
): Promise<Job> {
  const request = () => `predict ${createHash('sha256').update(image).digest('hex')}`;
  const { created, job } = await createJob(ports, fresh, idempotencyKey, request);
  if (!created && job.status !== 'pending') return job;
  const key = imageKeyOf(job);
  await ports.images.put(key, image);
  await ports.queue.send(objectCreatedMessage(key));
  return job;
}

type SubmitPorts = Pick<Ports, 'jobs' | 'models'>;

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
    ...{ source, createdAt, models },
    deadline: after(createdAt, seconds),
    expiresAt: after(createdAt, settings.retentionSeconds),
  };
}

/** Creates a job whose image is not stored yet. `request` and the models are what the idempotency key stands for. */
export function createJob(
  { jobs, models: served }: SubmitPorts,
  fresh: NewJob,
  idempotencyKey: string | undefined,
  request: () => string,
) {
  if (idempotencyKey === undefined) return jobs.create(fresh);
  return jobs.create(fresh, digests(idempotencyKey, request() + modelsText(fresh.models, served)));
}

function digests(key: string, request: string): IdempotencyKey {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  return { key: digest(key), request: digest(request) };
}
