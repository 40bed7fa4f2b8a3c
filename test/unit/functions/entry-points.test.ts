import { PassThrough, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { DynamoJobStore } from '../../../aws/stores/dynamo-job-store.ts';
import { objectCreatedMessage } from '../../../functions/shared/object-event.ts';
import { sqsEvent } from '../../support/aws/emulated-service.ts';
import {
  type Emulated,
  type EmulatedQueues,
  emulatedBucket,
  emulatedQueues,
  emulatedTable,
} from '../../support/aws/emulators.ts';
import { apiRequest, context } from '../../support/aws/events.ts';
import { aJob, succeeding } from '../../support/jobs.ts';

let table: Emulated<string>;
let bucket: Emulated<string>;
let queues: Emulated<EmulatedQueues>;
beforeAll(async () => {
  table = await emulatedTable();
  bucket = await emulatedBucket();
  queues = await emulatedQueues({ visibilitySeconds: 60, maxReceives: 5 });
});
afterAll(async () => {
  for (const part of [table, bucket, queues]) await part.close();
});
beforeEach(() => {
  vi.stubEnv('TABLE_NAME', table.resource);
  vi.stubEnv('BUCKET_NAME', bucket.resource);
  vi.stubEnv('QUEUE_URL', queues.resource.queueUrl);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', table.endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_S3', bucket.endpoint);
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', queues.endpoint);
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.stubEnv('STREAMING', 'false');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.resetModules();
});

const jobs = () => new DynamoJobStore(table.clients.dynamo, table.resource);

describe('from its environment alone', () => {
  test('upload makes a job, stores the image and queues it', async () => {
    const { handler } = await import('../../../aws/functions/upload.ts');
    const event = apiRequest('POST', '/predict', {
      headers: { 'Content-Type': 'image/jpeg', Prefer: 'respond-async' },
      body: Buffer.from('an image').toString('base64'),
      isBase64Encoded: true,
    });
    const answer = await handler(event, context());
    expect(answer.statusCode).toBe(202);
    const { id } = JSON.parse(answer.body);
    expect(await jobs().read(id)).toMatchObject({ status: 'pending', source: 'inline' });
  });

  test('status answers with the job, and deletes it', async () => {
    const { handler } = await import('../../../aws/functions/status.ts');
    const { job } = await jobs().create(aJob());
    const pathParameters = { id: job.id };
    const answer = await handler(apiRequest('GET', '/status/{id}', { pathParameters }), context());
    expect(JSON.parse(answer.body)).toEqual(job);
    const deleted = await handler(apiRequest('DELETE', '/status/{id}', { pathParameters }), context());
    expect(deleted.statusCode).toBe(204);
    expect(await jobs().read(job.id)).toBeUndefined();
  });

  test('dead-letter fails the job', async () => {
    const { handler } = await import('../../../aws/functions/dead-letter.ts');
    const { job } = await jobs().create(aJob());
    const event = sqsEvent({ body: objectCreatedMessage(`inline/${job.id}`) });
    expect(await handler(event, context())).toEqual({ batchItemFailures: [] });
    expect(await jobs().read(job.id)).toMatchObject({ status: 'failed', error: { code: 'gave_up' } });
  });

  test('events, where responses are buffered, needs no runtime that streams', async () => {
    const { handler } = await import('../../../aws/functions/events.ts');
    const { job } = await jobs().create(aJob());
    const event = apiRequest('GET', '/status/{id}/events', { pathParameters: { id: job.id } });
    const answer = await buffered(handler)(event, context());
    expect(answer).toMatchObject({ statusCode: 200, headers: { 'Content-Type': 'text/event-stream' } });
  });

  test.each(['upload', 'classify', 'status', 'dead-letter'])(
    '%s says which setting is missing',
    async (name) => {
      vi.stubEnv('TABLE_NAME', '');
      await expect(import(`../../../aws/functions/${name}.ts`)).rejects.toThrow('TABLE_NAME: ');
    },
  );

  test.each(['label', 'label-give-up'])('%s says which setting is missing', async (name) => {
    vi.stubEnv('BUCKET_NAME', '');
    await expect(import(`../../../aws/functions/${name}.ts`)).rejects.toThrow('BUCKET_NAME: ');
  });
});

describe('events, where responses are streamed,', () => {
  beforeEach(() => {
    vi.stubEnv('STREAMING', 'true');
    // What the runtime puts there; test/runtime has the real one.
    vi.stubGlobal('awslambda', {
      streamifyResponse: <Handler>(handler: Handler) => handler,
      HttpResponseStream: {
        from(stream: Writable, head: unknown) {
          stream.write(`${JSON.stringify(head)}\n`);
          return stream;
        },
      },
    });
  });

  async function stream(id: string, remainingMilliseconds = 30_000) {
    const { handler } = await import('../../../aws/functions/events.ts');
    const response = new PassThrough();
    const event = apiRequest('GET', '/status/{id}/events', { pathParameters: { id } });
    return { response, done: streamed(handler)(event, response, context(remainingMilliseconds)) };
  }

  test('sends head and states, then ends', async () => {
    const { job } = await jobs().create(aJob());
    await jobs().transition(job.id, succeeding());
    const { response, done } = await stream(job.id);
    const [sent, seen] = await Promise.all([text(response), done]);
    expect(seen).toEqual({ statusCode: 200 });
    expect(sent).toMatch(/^\{"statusCode":200,.*\}\nretry: 1000\n\nid: 2\nevent: status\n/);
  });

  // A stream that did not stop would go on for 28 s: the function's 30, less what it keeps to end in.
  test('stops working when the client is gone', { timeout: 20_000 }, async () => {
    const { job } = await jobs().create(aJob());
    const { response, done } = await stream(job.id);
    response.resume();
    await sleep(200);
    response.destroy();
    await done;
  });

  // The job stays pending, so only the function's own time can end the stream.
  test('ends when its time is nearly up', { timeout: 20_000 }, async () => {
    const { job } = await jobs().create(aJob());
    const { response, done } = await stream(job.id, 2300);
    const [sent] = await Promise.all([text(response), done]);
    expect(sent).toContain('"status":"pending"');
    expect(sent).not.toContain('deleted');
  });
});

type Buffered = (event: APIGatewayProxyEvent, context: Context) => Promise<unknown>;
type Streamed = (event: APIGatewayProxyEvent, stream: Writable, context: Context) => Promise<unknown>;

/** The one export is one kind of handler or the other, as its settings say. */
function buffered(handler: unknown): Buffered {
  if (!isFunction(handler)) throw new Error('There is no handler.');
  return async (...args) => handler(...args);
}

function streamed(handler: unknown): Streamed {
  if (!isFunction(handler)) throw new Error('There is no handler.');
  return async (...args) => handler(...args);
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}
