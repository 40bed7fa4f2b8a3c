import { createHash, randomUUID } from 'node:crypto';
import { after, type Job, type JobSource } from '../shared/job.ts';
import { limits } from '../shared/limits.ts';
import { modelsText } from '../shared/models.ts';
import { imageKeyOf, objectCreatedMessage } from '../shared/object-event.ts';
import type { IdempotencyKey, Ports } from '../shared/ports.ts';
import { processingSeconds } from '../shared/settings.ts';

/**
 * Accepts an image that came with a request: creates its job, stores it and queues it, in this order. A repeat under the same
 * idempotency key finds the first job and repeats what a crash may have left undone. A second delivery of an image is harmless.
 */
export async function submitImage(
  ports: SubmitPorts & Pick<Ports, 'images' | 'queue'>,
  image: Uint8Array,
  asked: Asked,
): Promise<Job> {
  const request = () => `predict ${createHash('sha256').update(image).digest('hex')}`;
  const { created, job } = await createJob(ports, 'inline', asked, request);
  if (!created && job.status !== 'pending') return job;
  const key = imageKeyOf(job);
  await ports.images.put(key, image);
  await ports.queue.send(objectCreatedMessage(key));
  return job;
}

type SubmitPorts = Pick<Ports, 'jobs' | 'settings' | 'models'>;

/** What a request says beside its image. */
interface Asked {
  readonly models: readonly string[] | undefined;
  readonly idempotencyKey: string | undefined;
}

/** Creates a job whose image is not stored yet. `request` and the models are what the idempotency key stands for. */
export function createJob(
  { jobs, settings, models: served }: SubmitPorts,
  source: JobSource,
  { models, idempotencyKey }: Asked,
  request: () => string,
) {
  const createdAt = new Date();
  const seconds =
    source === 'inline'
      ? processingSeconds(settings)
      : settings.uploadFormSeconds + limits.uploadGraceSeconds;
  const job = {
    id: randomUUID(),
    ...{ source, createdAt, models },
    deadline: after(createdAt, seconds),
    expiresAt: after(createdAt, settings.retentionSeconds),
  };
  if (idempotencyKey === undefined) return jobs.create(job);
  return jobs.create(job, digests(idempotencyKey, request() + modelsText(models, served)));
}

function digests(key: string, request: string): IdempotencyKey {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  return { key: digest(key), request: digest(request) };
}
