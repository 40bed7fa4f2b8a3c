import { createHash, randomUUID } from 'node:crypto';
import { after, type Job, type JobSource } from '../shared/job.ts';
import { limits } from '../shared/limits.ts';
import { imageKeyOf, objectCreatedMessage } from '../shared/object-event.ts';
import type { IdempotencyKey, Ports } from '../shared/ports.ts';
import { processingSeconds } from '../shared/settings.ts';

/**
 * Accepts an image that came with a request: creates its job, stores it and queues it, in this order. A repeat under the same
 * idempotency key finds the first job and repeats what a crash may have left undone. A second delivery of an image is harmless.
 */
export async function submitImage(
  ports: Pick<Ports, 'jobs' | 'images' | 'queue' | 'settings'>,
  image: Uint8Array,
  idempotencyKey: string | undefined,
): Promise<Job> {
  const request = () => `predict ${createHash('sha256').update(image).digest('hex')}`;
  const { created, job } = await createJob(ports, 'inline', idempotencyKey, request);
  if (!created && job.status !== 'pending') return job;
  const key = imageKeyOf(job);
  await ports.images.put(key, image);
  await ports.queue.send(objectCreatedMessage(key));
  return job;
}

/** Creates a job whose image is not stored yet. `request` identifies the request that the idempotency key stands for. */
export function createJob(
  { jobs, settings }: Pick<Ports, 'jobs' | 'settings'>,
  source: JobSource,
  idempotencyKey: string | undefined,
  request: () => string,
) {
  const createdAt = new Date();
  const seconds =
    source === 'inline'
      ? processingSeconds(settings)
      : settings.uploadFormSeconds + limits.uploadGraceSeconds;
  const job = {
    id: randomUUID(),
    source,
    createdAt,
    deadline: after(createdAt, seconds),
    expiresAt: after(createdAt, settings.retentionSeconds),
  };
  return jobs.create(job, idempotencyKey === undefined ? undefined : digests(idempotencyKey, request()));
}

function digests(key: string, request: string): IdempotencyKey {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  return { key: digest(key), request: digest(request) };
}
