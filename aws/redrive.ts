import { parseArgs } from 'node:util';
import * as z from 'zod';
import { isGone, type Job, jobAsOf } from '../functions/shared/job.ts';
import { imageKeyOf, objectCreatedMessage } from '../functions/shared/object-event.ts';
import type { JobQueue, JobStore } from '../functions/shared/ports.ts';
import { readEnvironment } from '../functions/shared/settings.ts';
import { createClients } from './clients.ts';
import { awsSettings } from './settings.ts';
import { DynamoJobStore } from './stores/dynamo-job-store.ts';
import { failedJobsSince } from './stores/failed-jobs.ts';
import { S3ImageStore } from './stores/s3-image-store.ts';
import { SqsJobQueue } from './stores/sqs-job-queue.ts';

export interface RedrivePorts {
  readonly jobs: Pick<JobStore, 'read'>;
  readonly failedSince: (since: Date) => Promise<Job[]>;
  readonly images: { exists(key: string): Promise<boolean> };
  readonly queue: Pick<JobQueue, 'send'>;
  readonly say: (line: string) => void;
}

const usage = `Sends failed jobs anew, while their images exist.
Usage: npm run redrive -- [--dry-run] <job id>… | --since <time, such as 2026-11-23T06:00Z>`;

const jobId = z.uuid({ error: ({ input }) => `Expected a job's id but received "${input}".` });
/** With seconds, or without. */
const instant = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })], {
  error: ({ input }) => `Expected a time such as 2026-11-23T06:00Z for --since but received "${input}".`,
});
const time = instant.transform((text) => new Date(text));

interface Decision {
  readonly id: string;
  /** What is sent. */
  readonly message?: string;
  /** Why it is sent, or why it cannot be. */
  readonly why: string;
}

/**
 * Says which jobs it will send anew and which it cannot, then sends them. Sending a job twice is harmless.
 * @returns how many were sent.
 * @throws {Error} where the arguments are not such as `usage` says.
 */
export async function redrive(args: readonly string[], ports: RedrivePorts): Promise<number> {
  const { values, positionals: ids } = parseArgs({
    args: [...args],
    options: { since: { type: 'string' }, 'dry-run': { type: 'boolean' } },
    allowPositionals: true,
  });
  if ((values.since === undefined) === (ids.length === 0)) throw new Error(usage);
  const found = values.since === undefined ? await findAll(ids, ports) : await findSince(values.since, ports);
  const decisions = await Promise.all(found.map(([id, job]) => decide(id, job, ports)));
  const messages = decisions.flatMap(({ message }) => message ?? []);
  announce(decisions, ports.say);
  if (values['dry-run']) return 0;
  for (const message of messages) await ports.queue.send(message);
  ports.say(`${messages.length} sent.`);
  return messages.length;
}

type Found = [id: string, job: Job | undefined];

function findAll(ids: readonly string[], { jobs }: RedrivePorts): Promise<Found[]> {
  const checked = ids.map((id) => check(jobId, id));
  return Promise.all(checked.map(async (id): Promise<Found> => [id, await jobs.read(id)]));
}

async function findSince(since: string, { failedSince }: RedrivePorts): Promise<Found[]> {
  const failed = await failedSince(check(time, since));
  return failed.map((job) => [job.id, job]);
}

async function decide(id: string, stored: Job | undefined, { images }: RedrivePorts): Promise<Decision> {
  if (stored === undefined) return { id, why: 'there is no such job' };
  const now = new Date();
  const job = jobAsOf(stored, now);
  if (job.status !== 'failed') return { id, why: `it is ${job.status}, not failed` };
  if (isGone(job, now)) return { id, why: `it was kept until ${job.expiresAt}` };
  const key = imageKeyOf(job);
  if (!(await images.exists(key))) return { id, why: 'its image is no longer in storage' };
  const message = objectCreatedMessage(key, sentSince(job, now));
  return { id, message, why: `failed ${job.finishedAt}: ${job.error?.code}` };
}

/** A message from before the end of a job has no tries left; this machine's clock may be slow. */
function sentSince({ finishedAt }: Job, now: Date): Date {
  const end = new Date(finishedAt ?? 0);
  return end > now ? end : now;
}

function announce(decisions: readonly Decision[], say: (line: string) => void): void {
  const [sent, left] = [
    decisions.filter(({ message }) => message),
    decisions.filter(({ message }) => !message),
  ];
  say(`${sent.length} of ${decisions.length} jobs will be sent anew.`);
  for (const { id, why } of sent) say(`  send  ${id}  ${why}`);
  for (const { id, why } of left) say(`  leave ${id}  ${why}`);
}

function check<Schema extends z.ZodType>(schema: Schema, value: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(`${result.error.issues[0]?.message}\n${usage}`);
}

async function main(): Promise<void> {
  const { tableName, bucketName, queueUrl } = readEnvironment(
    awsSettings.pick({ tableName: true, bucketName: true, queueUrl: true }),
    process.env,
  );
  const { dynamo, s3, sqs } = createClients();
  await redrive(process.argv.slice(2), {
    jobs: new DynamoJobStore(dynamo, tableName),
    failedSince: (since) => failedJobsSince(dynamo, tableName, since),
    images: new S3ImageStore(s3, { bucket: bucketName }),
    queue: new SqsJobQueue(sqs, queueUrl),
    say: console.log,
  });
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
