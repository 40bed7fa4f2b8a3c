import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'vitest';
import * as z from 'zod';
import { DynamoJobStore } from '../../../aws/stores/dynamo-job-store.ts';
import { S3ImageStore } from '../../../aws/stores/s3-image-store.ts';
import { imageKeyOf, objectCreatedMessage } from '../../../functions/shared/object-event.ts';
import { aJob } from '../jobs.ts';
import { sqsEvent } from './emulated-service.ts';
import { emulatedBucket, emulatedQueues, emulatedTable } from './emulators.ts';
import { type FunctionProcess, startFunction } from './function-process.ts';
import { SqsJobQueueConsumer } from './sqs-consumer.ts';

/** The built classify function on Lambda's own runtime client, with table, bucket and queue in this process. */
export interface ClassifyFunction {
  readonly process: FunctionProcess;
  readonly jobs: DynamoJobStore;
  readonly queue: SqsJobQueueConsumer;
  /** Makes a job for an image, which the models see that are named, and queues it; answers with its id. */
  submit(image: Uint8Array, models?: readonly string[]): Promise<string>;
  runBatch(size: number): Promise<BatchResult>;
  stop(): Promise<void>;
}

interface BatchResult {
  readonly kind: string;
  /** Ids of the messages that must come again. */
  readonly failed: readonly string[];
  readonly received: Awaited<ReturnType<SqsJobQueueConsumer['receive']>>;
  readonly milliseconds: number;
}

/**
 * @param dist what `npm run build` made.
 * @param handler as `CMD` in the Dockerfile names it.
 */
export async function startClassify(dist: string, handler: string): Promise<ClassifyFunction> {
  const table = await emulatedTable();
  const bucket = await emulatedBucket();
  const queues = await emulatedQueues({ visibilitySeconds: 60, maxReceives: 5 });
  const process = await startFunction(
    'classify',
    handler,
    {
      TABLE_NAME: table.resource,
      BUCKET_NAME: bucket.resource,
      QUEUE_URL: queues.resource.queueUrl,
      MODEL_DIR: join(dist, 'layer/model'),
      AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
      AWS_ENDPOINT_URL_S3: bucket.endpoint,
      AWS_ENDPOINT_URL_SQS: queues.endpoint,
    },
    dist,
  );
  const jobs = new DynamoJobStore(table.clients.dynamo, table.resource);
  const images = new S3ImageStore(bucket.clients.s3, { bucket: bucket.resource });
  const queue = new SqsJobQueueConsumer(queues.clients.sqs, queues.resource.queueUrl);
  return {
    ...{ process, jobs, queue },
    async submit(image, models) {
      const { job } = await jobs.create(aJob({ id: randomUUID(), models }));
      const key = imageKeyOf(job);
      await images.put(key, image);
      await queue.send(objectCreatedMessage(key));
      return job.id;
    },
    runBatch: (size) => runBatch(process, queue, size),
    async stop() {
      await process.stop();
      for (const part of [table, bucket, queues]) await part.close();
    },
  };
}

const answerSchema = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** What the event source mapping does: receives a batch, invokes, deletes what the answer does not name. */
async function runBatch(
  { api }: FunctionProcess,
  queue: SqsJobQueueConsumer,
  size: number,
): Promise<BatchResult> {
  const received = await queue.receive({ max: 10, waitSeconds: 1 });
  expect(received).toHaveLength(size);
  const event = sqsEvent(
    ...received.map(({ receiveCount, ...message }) => ({ ...message, receives: receiveCount })),
  );
  const began = performance.now();
  const { kind, body } = await api.invoke({ event });
  const { batchItemFailures } = answerSchema.parse(JSON.parse(String(body)));
  const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  for (const { messageId, receiptHandle } of received) {
    if (!failed.includes(messageId)) await queue.delete(receiptHandle);
  }
  return { kind, failed, received, milliseconds: performance.now() - began };
}
