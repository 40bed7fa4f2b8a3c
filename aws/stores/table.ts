import * as z from 'zod';
import { forgetAt, type Job, jobSchema } from '../../functions/shared/job.ts';
import type { IdempotencyKey } from '../../functions/shared/ports.ts';

/** Names that the table's definition and its rows share. A job's row also has the job's own attributes, such as `status`. */
export const jobTable = { partitionKey: 'id', ttlAttribute: 'ttl' } as const;

/**
 * The index of failed jobs by the time they failed. Only their rows have its partition key, so only they are in it, and other jobs
 * cost it no write. It is divided, since a partition takes 1,000 writes a second and more failures would hold up the table:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-gsi-sharding.html
 */
export const failedJobsIndex = {
  name: 'failed-jobs',
  partitionKey: 'failedShard',
  sortKey: 'finishedAt',
  shards: ['0', '1', '2', '3', '4', '5', '6', '7'],
} as const;

/** A job's row: the job, the mark of the call that wrote it last, and the key row that leads to it. */
const jobRow = z.object({
  job: jobSchema,
  mark: z.string(),
  idempotencyKey: z.string().optional(),
});
export type JobRow = z.infer<typeof jobRow>;

/** The row that leads from an idempotency key to its job. Both kinds of rows share the table: a job's id is a UUID, this one has a prefix. */
export const keyRow = z.object({ jobId: z.uuid(), request: z.string(), expiresAt: z.iso.datetime() });
export type KeyRow = z.infer<typeof keyRow>;

export function keyRowId(key: string): string {
  return `key#${key}`;
}

export function toItem({ job, mark, idempotencyKey }: JobRow): Record<string, unknown> {
  return { ...job, mark, idempotencyKey, ttl: timeToLive(job), ...failedShard(job) };
}

/** An id is random, its first digit too. */
function failedShard({ id, status }: Job): Record<string, string> {
  const { partitionKey, shards } = failedJobsIndex;
  const shard = shards[Number.parseInt(id.slice(0, 1), 16) % shards.length];
  return status === 'failed' && shard !== undefined ? { [partitionKey]: shard } : {};
}

/** @throws {z.ZodError} where the row was not written by this service. */
export function toJobRow(item: Record<string, unknown>): JobRow {
  return jobRow.parse({ job: item, mark: item.mark, idempotencyKey: item.idempotencyKey });
}

export function toKeyItem({ key, request }: IdempotencyKey, job: Job): Record<string, unknown> {
  const { id: jobId, expiresAt } = job;
  return { id: keyRowId(key), jobId, request, expiresAt, ttl: timeToLive(job) };
}

/** In seconds since 1970, as DynamoDB's time to live takes it. */
function timeToLive(job: Job): number {
  return Math.floor(forgetAt(job).getTime() / 1000);
}
