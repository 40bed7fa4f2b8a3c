import { parseArgs } from 'node:util';
import * as z from 'zod';
import { isGone, type Job, jobAsOf } from '../functions/shared/job.ts';
import { imageKeyOf, objectCreatedMessage } from '../functions/shared/object-event.ts';
import type { JobQueue, JobStore } from '../functions/shared/ports.ts';
import { readEnvironment } from '../functions/shared/settings.ts';
import { createClients } from './clients.ts';
import { awsSettings } from './settings.ts';
import { DynamoJobStore } from './stores/dynamo-job-store.ts';
import { failedJobsSince, lostJobsSince } from './stores/failed-jobs.ts';
import { S3ImageStore } from './stores/s3-image-store.ts';
import { SqsJobQueue } from './stores/sqs-job-queue.ts';

export interface RedrivePorts {
  readonly jobs: Pick<JobStore, 'read'>;
  /** Ids of the jobs whose failure was written since a time. */
  readonly failedSince: (since: Date) => Promise<string[]>;
  /** Ids of the jobs that have read as lost since a time. Reads the whole table. */
  readonly lostSince: (since: Date) => Promise<string[]>;
  readonly images: { exists(key: string): Promise<boolean> };
  readonly queue: Pick<JobQueue, 'send'>;
  readonly say: (line: string) => void;
}

const usage = `Sends failed jobs again, while their images exist.
Usage: npm run redrive -- [--dry-run] <job id>… | --since <time, such as 2026-11-23T06:00Z> [--lost]
--lost adds jobs that read as lost: it reads the whole table.`;

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
 * Says which jobs it will send again and which it cannot, then sends them. Sending a job twice is harmless.
 * @returns how many were sent.
 * @throws {Error} where the arguments are not such as `usage` says.
 */
export async function redrive(args: readonly string[], ports: RedrivePorts): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { since: { type: 'string' }, lost: { type: 'boolean' }, 'dry-run': { type: 'boolean' } },
    allowPositionals: true,
  });
  const { since, lost = false } = values;
  if ((since === undefined) === (positionals.length === 0)) throw new Error(usage);
  if (since === undefined && lost) throw new Error(usage);
  const ids =
    since === undefined
      ? positionals.map((id) => check(jobId, id))
      : await findSince(check(time, since), lost, ports);
  const decisions = await Promise.all(ids.map((id) => decide(id, ports)));
  const messages = decisions.flatMap(({ message }) => message ?? []);
  announce(decisions, ports.say);
  if (values['dry-run']) return 0;
  for (const message of messages) await ports.queue.send(message);
  ports.say(`${messages.length} sent.`);
  return messages.length;
}

async function findSince(since: Date, lost: boolean, ports: RedrivePorts): Promise<string[]> {
  const failed = await ports.failedSince(since);
  if (lost) return [...new Set([...failed, ...(await ports.lostSince(since))])];
  ports.say('Jobs that read as lost are not looked for: --lost does, in the whole table.');
  return failed;
}

async function decide(id: string, { jobs, images }: RedrivePorts): Promise<Decision> {
  const stored = await jobs.read(id);
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
  say(`${sent.length} of ${decisions.length} jobs will be sent again.`);
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
    lostSince: (since) => lostJobsSince(dynamo, tableName, since),
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
