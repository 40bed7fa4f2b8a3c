import { randomUUID } from 'node:crypto';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { DynamoJobStore } from '../../../aws/stores/dynamo-job-store.ts';
import { failedJobsSince, lostJobsSince } from '../../../aws/stores/failed-jobs.ts';
import { S3ImageStore } from '../../../aws/stores/s3-image-store.ts';
import type { Job } from '../../../functions/shared/job.ts';
import { imageKeyOf, objectCreatedMessage } from '../../../functions/shared/object-event.ts';
import type { JobStore } from '../../../functions/shared/ports.ts';
import { readEnvironment, serviceSettings } from '../../../functions/shared/settings.ts';
import type { Classification, Classifier } from '../../../layers/model/run/classifier.ts';
import { aJob, anOutcome } from '../jobs.ts';
import { silentTelemetry } from '../telemetry.ts';
import { emulatedBucket, emulatedQueues, emulatedTable } from './emulators.ts';
import { SqsJobQueueConsumer } from './sqs-consumer.ts';

/** The ports of a service on emulators of its own. */
export interface EmulatedService {
  readonly jobs: JobStore;
  readonly images: S3ImageStore;
  readonly queue: SqsJobQueueConsumer;
  readonly telemetry: typeof silentTelemetry;
  readonly settings: ReturnType<typeof settings>;
  readonly failedSince: (since: Date) => Promise<string[]>;
  readonly lostSince: (since: Date) => Promise<string[]>;
  /** Makes a job and stores its image. */
  submit(image: string, source?: Job['source']): Promise<{ id: string; key: string }>;
  close(): Promise<void>;
}

const settings = () => readEnvironment(serviceSettings, {});

export async function emulatedService(): Promise<EmulatedService> {
  const table = await emulatedTable();
  const bucket = await emulatedBucket();
  const queues = await emulatedQueues({ visibilitySeconds: 60, maxReceives: 5 });
  const jobs = new DynamoJobStore(table.clients.dynamo, table.resource);
  const images = new S3ImageStore(bucket.clients.s3, { bucket: bucket.resource });
  return {
    jobs,
    images,
    queue: new SqsJobQueueConsumer(queues.clients.sqs, queues.resource.queueUrl),
    telemetry: silentTelemetry,
    settings: settings(),
    failedSince: (since) => failedJobsSince(table.clients.dynamo, table.resource, since),
    lostSince: (since) => lostJobsSince(table.clients.dynamo, table.resource, since),
    async submit(image, source = 'presigned') {
      const { job } = await jobs.create(aJob({ source }));
      const key = imageKeyOf(job);
      await images.put(key, Buffer.from(image));
      return { id: job.id, key };
    },
    close: async () => {
      for (const part of [table, bucket, queues]) await part.close();
    },
  };
}

/** Stands in for the network where the way to it is the subject: `answer` gets the image as text. */
export function fakeClassifier(answer: (image: string) => void | Promise<void> = () => {}) {
  const seen: string[] = [];
  const { model, image: facts, predictions, timings } = anOutcome();
  const classifier: Classifier = {
    model,
    async classify({ bytes }): Promise<Classification> {
      const image = Buffer.from(bytes).toString();
      seen.push(image);
      await answer(image);
      return {
        image: { ...facts, format: 'jpeg', bytes: bytes.length },
        predictions: [...predictions],
        ...{ timings, model },
      };
    },
    close: async () => {},
  };
  return { classifier, seen };
}

export interface Delivery {
  readonly body: string;
  readonly messageId?: string;
  readonly receives?: number;
  readonly receiptHandle?: string;
  /** Milliseconds since 1970. */
  readonly sentAt?: number;
}

/** What Lambda's event source mapping hands over. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export function sqsEvent(...deliveries: readonly Delivery[]): SQSEvent {
  return { Records: deliveries.map(sqsRecord) };
}

export function sqsRecord({
  body,
  messageId = randomUUID(),
  receives = 1,
  receiptHandle = 'receipt',
  sentAt = 0,
}: Delivery): SQSRecord {
  return {
    messageId,
    receiptHandle,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:images',
    awsRegion: 'us-east-1',
  };
}

export const delivery = (key: string, more: Partial<Delivery> = {}): Delivery => ({
  body: objectCreatedMessage(key),
  messageId: key,
  ...more,
});
