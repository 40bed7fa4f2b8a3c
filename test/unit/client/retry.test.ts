import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createApi } from '../../../client/client.ts';
import { Failure } from '../../../client/failure.ts';
import { readRetryAfter } from '../../../client/retry.ts';
import { submitImage } from '../../../client/submit.ts';

const limits = {
  inlineImageBytes: 100,
  uploadedImageBytes: 100,
  imagePixels: 100,
  imageSide: 100,
  retentionSeconds: 60,
};

/** A service that refuses its first requests as busy, and notes when each came. */
async function busyService(refusals: number) {
  const came: number[] = [];
  const server = createServer((request, response) => {
    came.push(performance.now());
    request.resume();
    const busy = came.length <= refusals;
    const body = busy
      ? { code: 'busy', detail: 'Too many requests wait.' }
      : { id: '3f1c2a52-4b7e-4c0e-9d0a-6a1f0e8b7c21', status: 'ok', model: {} };
    response.writeHead(busy ? 503 : request.method === 'POST' ? 202 : 200, {
      'Content-Type': 'application/json',
      ...(busy && { 'Retry-After': '1' }),
    });
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  return { baseUrl, came, [Symbol.dispose]: () => void server.close() };
}

describe('a service that is busy', () => {
  test('is asked again by the typed client after the time it names, not before', async () => {
    using service = await busyService(1);
    const { data } = await createApi(service.baseUrl).GET('/health');
    expect(data).toMatchObject({ status: 'ok' });
    expect(service.came).toHaveLength(2);
    expect((service.came[1] ?? 0) - (service.came[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('is left alone once the call is given up', async () => {
    using service = await busyService(10);
    const call = createApi(service.baseUrl).GET('/health', { signal: AbortSignal.timeout(300) });
    await expect(call).rejects.toThrow();
    expect(service.came).toHaveLength(1);
  });

  test('is a failure that says when to send an image again', async () => {
    using service = await busyService(1);
    const { baseUrl } = service;
    const options = { api: createApi(baseUrl), baseUrl, limits, idempotencyKey: 'a key of 16 letters' };
    const failure = await submitImage(new Blob(['x']), options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code: 'busy', transient: true, retryAfterSeconds: 1 });
  });
});

test('Retry-After is seconds or a date, and nothing else', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');
  expect(readRetryAfter('7', now)).toBe(7);
  expect(readRetryAfter('Fri, 02 Jan 2026 03:04:15 GMT', now)).toBe(10);
  expect(readRetryAfter('Fri, 02 Jan 2026 03:00:00 GMT', now)).toBe(0);
  expect(readRetryAfter('soon', now)).toBeUndefined();
  expect(readRetryAfter(null, now)).toBeUndefined();
});
