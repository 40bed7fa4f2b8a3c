import { randomUUID } from 'node:crypto';
import {
  after,
  type BeginTry,
  type JobStatus,
  type NewJob,
  type SingleOutcome,
  type Transition,
} from '../../functions/shared/job.ts';
import { limits } from '../../functions/shared/limits.ts';
import type { IdempotencyKey, JobStore } from '../../functions/shared/ports.ts';

/** The time `seconds` from now; before now where negative. */
export function inSeconds(seconds: number): Date {
  return after(new Date(), seconds);
}

/** A job that is created now and has an hour. */
export function aJob(fields: Partial<NewJob> = {}): NewJob {
  const createdAt = fields.createdAt ?? new Date();
  return {
    id: randomUUID(),
    source: 'inline',
    createdAt,
    deadline: after(createdAt, 3600),
    expiresAt: after(createdAt, 86_400),
    ...fields,
  };
}

export function anOutcome(score = 0.5, bytes = 1000): SingleOutcome {
  return {
    image: { format: 'jpeg', width: 640, height: 480, bytes, sha256: 'ab'.repeat(32) },
    predictions: [{ index: 208, wnid: 'n02099712', label: 'Labrador_retriever', score }],
    timings: { decode: 12.5, resize: 1.25, network: 20.75 },
    model: { name: 'mobilenet_v2', sha256: 'cd'.repeat(32) },
  };
}

export const starting = (at = new Date(), more: Partial<BeginTry> = {}): Transition => ({
  to: 'processing',
  at,
  deadline: after(at, 1620),
  maxTries: limits.maxTries,
  sentAt: at,
  ...more,
});
export const succeeding = (outcome = anOutcome(), at = new Date()): Transition => ({
  to: 'succeeded',
  at,
  outcome,
});
export const uncounting = (at = new Date()): Transition => ({ to: 'uncounted', at });
export const failing = (code = 'gave_up', at = new Date()): Transition => ({
  to: 'failed',
  at,
  error: { code, detail: 'It could not be done.' },
});

/** An idempotency key nobody else has. */
export function aKey(request = 'image one'): IdempotencyKey {
  return { key: randomUUID().replaceAll('-', ''), request };
}

const waysTo: Record<Exclude<JobStatus, 'expired'>, readonly (() => Transition)[]> = {
  pending: [],
  processing: [() => starting()],
  succeeded: [() => starting(), () => succeeding()],
  failed: [() => starting(), () => failing()],
};
export const storedStatuses = ['pending', 'processing', 'succeeded', 'failed'] as const;

/** Makes a job of that status and resolves to its id. */
export async function jobThatIs(status: (typeof storedStatuses)[number], jobs: JobStore): Promise<string> {
  const { job } = await jobs.create(aJob());
  for (const way of waysTo[status]) await jobs.transition(job.id, way());
  return job.id;
}
