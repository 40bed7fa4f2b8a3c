import { randomUUID } from 'node:crypto';
import type { SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { after, type Job } from '../shared/job.ts';
import type { KnownPicture } from '../shared/known-picture.ts';
import { imageKeyOf, objectCreatedMessage } from '../shared/object-event.ts';
import type { ImageStore, JobStore, Telemetry } from '../shared/ports.ts';

/** What CodeDeploy asks a hook with: https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html */
const lifecycleEvent = z.object({ DeploymentId: z.string(), LifecycleEventHookExecutionId: z.string() });
export type LifecycleEvent = z.infer<typeof lifecycleEvent>;

export interface ReleaseCheckPorts {
  readonly jobs: Pick<JobStore, 'create' | 'read' | 'delete'>;
  readonly images: Pick<ImageStore, 'put' | 'delete'>;
  /** Calls the new version of the classify function as its queue would. Resolves to its answer. */
  readonly classify: (event: SQSEvent) => Promise<unknown>;
  /** Tells CodeDeploy whether traffic may move. */
  readonly report: (event: LifecycleEvent, succeeded: boolean) => Promise<void>;
  readonly picture: KnownPicture;
  readonly telemetry: Telemetry;
}

/** Long enough for the cold start and the picture; then the job is nobody's. */
const jobSeconds = 600;

/** The release check: before traffic moves to a new version of the classify function, a picture goes through it. */
export function releaseCheckHandler(ports: ReleaseCheckPorts) {
  return async (event: unknown): Promise<void> => {
    const lifecycle = lifecycleEvent.parse(event);
    try {
      await checkPicture(ports);
    } catch (error) {
      ports.telemetry.error('the new version does not classify', error);
      return ports.report(lifecycle, false);
    }
    ports.telemetry.info('the new version classifies');
    await ports.report(lifecycle, true);
  };
}

/** @throws {Error} where the picture does not get its label. */
async function checkPicture(ports: ReleaseCheckPorts): Promise<void> {
  const { jobs, images, picture } = ports;
  const createdAt = new Date();
  const times = {
    createdAt,
    deadline: after(createdAt, jobSeconds),
    expiresAt: after(createdAt, jobSeconds),
  };
  const { job } = await jobs.create({ id: randomUUID(), source: 'inline', ...times });
  const key = imageKeyOf(job);
  try {
    await images.put(key, picture.bytes);
    const answer = await ports.classify(deliver(objectCreatedMessage(key)));
    checkJob(await jobs.read(job.id), picture.label, answer);
  } finally {
    await images.delete(key);
    await jobs.delete(job.id);
  }
}

function checkJob(job: Job | undefined, expected: string, answer: unknown): void {
  const best = job?.predictions?.[0]?.label;
  if (job?.status === 'succeeded' && best === expected) return;
  const found = best ?? job?.error?.code ?? 'no result';
  throw new Error(
    `A picture of ${expected} is ${job?.status ?? 'gone'} with ${found}; the function answered ${JSON.stringify(answer)}.`,
  );
}

/** A message as the queue delivers it. Its receipt is none: where the picture fails, the function cannot give it back, and need not. */
function deliver(body: string): SQSEvent {
  const now = String(Date.now());
  return {
    Records: [
      {
        messageId: randomUUID(),
        receiptHandle: 'release-check',
        body,
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: now,
          ApproximateFirstReceiveTimestamp: now,
          SenderId: 'release-check',
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:::release-check',
        awsRegion: process.env.AWS_REGION ?? '',
      },
    ],
  };
}
