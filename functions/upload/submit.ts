import { createHash, randomUUID } from 'node:crypto';
import { after, type Job, type JobSource } from '../shared/job.ts';
import { limits } from '../shared/limits.ts';
import { imageKeyOf, objectCreatedMessage } from '../shared/object-event.ts';
import type { IdempotencyKey, Ports } from '../shared/ports.ts';
import { processingSeconds } from '../shared/settings.ts';

/**
 * Takes an image the way every inline image goes: job, storage, queue. A repeat under the same idempotency key finds the first
 * job, and does again what a crash may have left undone; a second delivery of an image is harmless.
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

/** Writes the record of a job whose image is still to come. `request` names what an idempotency key must not be reused for. */
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
