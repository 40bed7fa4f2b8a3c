import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { DynamoJobStore } from '../../aws/stores/dynamo-job-store.ts';
import { S3ImageStore } from '../../aws/stores/s3-image-store.ts';
import { imageKeyOf, objectCreatedMessage } from '../../functions/shared/object-event.ts';
import { sqsEvent } from '../support/aws/emulated-service.ts';
import {
  type Emulated,
  type EmulatedQueues,
  emulatedBucket,
  emulatedQueues,
  emulatedTable,
} from '../support/aws/emulators.ts';
import { distDir, type FunctionProcess, startFunction } from '../support/aws/function-process.ts';
import { SqsJobQueueConsumer } from '../support/aws/sqs-consumer.ts';
import { aJob } from '../support/jobs.ts';
import { drawJpeg } from '../support/pictures/images.ts';

let table: Emulated<string>;
let bucket: Emulated<string>;
let queues: Emulated<EmulatedQueues>;
let classify: FunctionProcess;
let filesBefore: string[];
let firstBatchMilliseconds: number;
const dockerfile = await readFile(new URL('../../functions/classify/Dockerfile', import.meta.url), 'utf8');

beforeAll(async () => {
  table = await emulatedTable();
  bucket = await emulatedBucket();
  queues = await emulatedQueues({ visibilitySeconds: 60, maxReceives: 5 });
  filesBefore = await files();
  classify = await startFunction('classify', commandOf(dockerfile), {
    TABLE_NAME: table.resource,
    BUCKET_NAME: bucket.resource,
    QUEUE_URL: queues.resource.queueUrl,
    MODEL_DIR: join(distDir, 'layer/model'),
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
  });
});
afterAll(async () => {
  await classify?.stop();
  for (const part of [table, bucket, queues]) await part?.close();
});

/** The handler that the Dockerfile's last line starts. */
function commandOf(text: string): string {
  const [command] = z.tuple([z.string()]).parse(JSON.parse(/^CMD (\[.*\])$/m.exec(text)?.[1] ?? '[]'));
  return command;
}

const files = async () => (await readdir(join(distDir, 'classify'), { recursive: true })).sort();
const jobs = () => new DynamoJobStore(table.clients.dynamo, table.resource);
const queue = () => new SqsJobQueueConsumer(queues.clients.sqs, queues.resource.queueUrl);

async function submit(image: Buffer): Promise<string> {
  const { job } = await jobs().create(aJob({ id: randomUUID() }));
  const key = imageKeyOf(job);
  await new S3ImageStore(bucket.clients.s3, { bucket: bucket.resource }).put(key, image);
  await queue().send(objectCreatedMessage(key));
  return job.id;
}

/** What the event source mapping does: receives a batch, invokes, deletes what the answer does not name. */
async function runBatch(size: number) {
  const received = await queue().receive({ max: 10, waitSeconds: 1 });
  expect(received).toHaveLength(size);
  const event = sqsEvent(
    ...received.map(({ receiveCount, ...message }) => ({ ...message, receives: receiveCount })),
  );
  const began = performance.now();
  const { kind, body } = await classify.api.invoke({ event });
  const answer: unknown = JSON.parse(String(body));
  const { batchItemFailures } = z
    .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) })
    .parse(answer);
  const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  for (const { messageId, receiptHandle } of received) {
    if (!failed.includes(messageId)) await queue().delete(receiptHandle);
  }
  return { kind, failed, received, milliseconds: performance.now() - began };
}

describe("the classify function's container, started without Docker", () => {
  test('copies what the build has made, and files that everybody may read', async () => {
    const sources = [...dockerfile.matchAll(/^COPY (\S+) /gm)].map(([, source = '']) => source);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect((await stat(join(distDir, source))).isDirectory()).toBe(true);
    for (const file of await files()) {
      expect((await stat(join(distDir, 'classify', file))).mode & 0o444, file).toBe(0o444);
    }
  });

  test('takes a batch of messages: results are written, and only what failed comes again', async () => {
    const good = await submit(await drawJpeg());
    const text = await submit(Buffer.from('not an image at all'));
    await queue().send('not a message of ours');
    const { kind, failed, received, milliseconds } = await runBatch(3);
    expect(kind).toBe('response');
    expect(failed).toEqual(
      received.filter(({ body }) => body.startsWith('not')).map(({ messageId }) => messageId),
    );
    expect(await jobs().read(good)).toMatchObject({
      status: 'succeeded',
      image: { format: 'jpeg', width: 320 },
    });
    expect((await jobs().read(good))?.predictions).toHaveLength(20);
    expect(await jobs().read(text)).toMatchObject({ status: 'failed', error: { code: 'unsupported_image' } });
    firstBatchMilliseconds = milliseconds;
    console.log(`first batch, with the start of the function: ${milliseconds.toFixed(0)} ms`);
  });

  test('brings back soon what could not be handled', async () => {
    await expect
      .poll(async () => (await queue().receive({ max: 1, waitSeconds: 1 })).at(0)?.receiveCount)
      .toBe(2);
  });

  test('answers the next event from the same process, without loading the model again', async () => {
    const id = await submit(await drawJpeg(640, 480, 3));
    const { failed, milliseconds } = await runBatch(1);
    expect(failed).toEqual([]);
    expect(await jobs().read(id)).toMatchObject({ status: 'succeeded' });
    expect(milliseconds).toBeLessThan(firstBatchMilliseconds);
    console.log(`one image, warm: ${milliseconds.toFixed(0)} ms`);
  });

  test('says what happened, with the id of the job and of the request on the line', async () => {
    const id = await submit(await drawJpeg(64, 64, 5));
    await runBatch(1);
    const line = classify.lines.find((text) => text.includes('job ended') && text.includes(id));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      level: 'INFO',
      jobId: id,
      service: 'classify',
      function_name: 'classify',
      function_request_id: expect.any(String),
      outcome: 'succeeded',
    });
  });

  test('writes its metrics, the cold start once', async () => {
    const lines = classify.lines.filter((text) => text.includes('CloudWatchMetrics'));
    expect(lines.filter((text) => text.includes('"ColdStart"'))).toHaveLength(1);
    for (const metric of ['Decode', 'Network', 'CreatedToEnded', 'Images']) {
      expect(
        lines.some((text) => text.includes(`"Name":"${metric}"`)),
        metric,
      ).toBe(true);
    }
  });

  test('writes nothing beside its code', async () => {
    expect(await files()).toEqual(filesBefore);
  });
});
