import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DynamoJobStore } from '../../aws/stores/dynamo-job-store.ts';
import { type Emulated, emulatedTable } from '../support/aws/emulators.ts';
import { type FunctionProcess, startFunction } from '../support/aws/function-process.ts';
import type { Answer } from '../support/aws/runtime-api.ts';
import { aJob, starting, succeeding } from '../support/jobs.ts';

let table: Emulated<string>;
let events: FunctionProcess;
beforeAll(async () => {
  table = await emulatedTable();
  events = await startFunction('events', 'main.handler', {
    TABLE_NAME: table.resource,
    BUCKET_NAME: 'images',
    ALLOWED_ORIGINS: 'https://example.org',
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  });
});
afterAll(async () => {
  await events?.stop();
  await table?.close();
});

const jobs = () => new DynamoJobStore(table.clients.dynamo, table.resource);

function requestFor(id: string, more: Partial<APIGatewayProxyEvent> = {}) {
  return {
    resource: '/status/{id}/events',
    path: `/status/${id}/events`,
    httpMethod: 'GET',
    headers: { Origin: 'https://example.org' },
    pathParameters: { id },
    queryStringParameters: null,
    body: null,
    isBase64Encoded: false,
    requestContext: {},
    ...more,
  };
}

/** Head and body of a streamed answer: JSON, eight zero bytes, then the body. */
function parse({ headers, body }: Answer) {
  expect(headers['content-type']).toBe('application/vnd.awslambda.http-integration-response');
  expect(headers['lambda-runtime-function-response-mode']).toBe('streaming');
  const end = body.indexOf(Buffer.alloc(8));
  return { head: JSON.parse(body.subarray(0, end).toString()), text: body.subarray(end + 8).toString() };
}

describe('the events function in its runtime', () => {
  test('streams each state as it comes, and ends with the last', async () => {
    const { job } = await jobs().create(aJob());
    let arrived = '';
    const answer = events.api.invoke({ event: requestFor(job.id), onPart: (text) => (arrived += text) });
    const version = (number: number) =>
      expect.poll(() => arrived, { timeout: 20_000 }).toMatch(new RegExp(`^id: ${number}$`, 'm'));
    // Each state is changed only after the one before has arrived, while the answer is still open.
    await version(1);
    await jobs().transition(job.id, starting());
    await version(2);
    await jobs().transition(job.id, succeeding());
    const { head, text } = parse(await answer);
    expect(head).toMatchObject({
      statusCode: 200,
      headers: { 'Content-Type': 'text/event-stream', 'Access-Control-Allow-Origin': 'https://example.org' },
    });
    expect(text.match(/^id: .*$/gm)).toEqual(['id: 1', 'id: 2', 'id: 3']);
  });

  test('answers a problem with its own status before the first event', async () => {
    const id = '3f0c5f66-3e5e-4f6e-9a58-0d3d2c3f9d10';
    const { head, text } = parse(await events.api.invoke({ event: requestFor(id) }));
    expect(head).toMatchObject({
      statusCode: 404,
      headers: {
        'Content-Type': 'application/problem+json',
        'Access-Control-Allow-Origin': 'https://example.org',
      },
    });
    expect(JSON.parse(text)).toMatchObject({ code: 'not_found' });
  });

  test('answers 204 to a client that has seen the end, and to a preflight', async () => {
    const { job } = await jobs().create(aJob());
    await jobs().transition(job.id, succeeding());
    const seen = requestFor(job.id, { headers: { 'Last-Event-ID': '2' } });
    for (const event of [seen, requestFor(job.id, { httpMethod: 'OPTIONS' })]) {
      const { head, text } = parse(await events.api.invoke({ event }));
      expect(head.statusCode).toBe(204);
      expect(text).toBe('');
    }
  });

  test('ends a stream before its own time is up', async () => {
    const { job } = await jobs().create(aJob());
    const began = performance.now();
    const answer = await events.api.invoke({ event: requestFor(job.id), timeoutMilliseconds: 4000 });
    expect(answer.kind).toBe('response');
    expect(performance.now() - began).toBeGreaterThan(1500);
    expect(performance.now() - began).toBeLessThan(4000);
    expect(parse(answer).text).not.toContain('event: deleted');
  });

  test('ends with the job', async () => {
    const { job } = await jobs().create(aJob());
    const answer = events.api.invoke({ event: requestFor(job.id) });
    await sleep(300);
    await jobs().delete(job.id);
    expect(parse(await answer).text).toContain('event: deleted');
  });
});
