import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { outcome } from '../../support/api/scenarios.ts';
import { type Ask, type Service, startService } from '../../support/api/service.ts';

const key = 'a key of this test';

describe('An Idempotency-Key', () => {
  let service: Service;
  beforeEach(async () => {
    service = await startService();
  });
  afterEach(() => service[Symbol.asyncDispose]());

  const predict = (more: Partial<Ask> = {}) =>
    service.ask({
      method: 'POST',
      path: '/predict',
      body: 'a picture',
      headers: { 'Idempotency-Key': key, Prefer: 'respond-async' },
      ...more,
    });
  const id = (answer: { body: string }) => z.object({ id: z.string() }).parse(JSON.parse(answer.body)).id;

  test('of two requests at once makes one job', async () => {
    const answers = await Promise.all([predict(), predict()]);
    expect(new Set(answers.map(id)).size).toBe(1);
  });

  test('does again what a crash left undone: the repeat queues the image under the first job', async () => {
    const queued: string[] = [];
    service.onImage = async () => {
      throw new Error('The process dies between storing the image and queueing it.');
    };
    expect((await predict()).statusCode).toBe(500);
    service.onImage = async (jobId) => void queued.push(jobId);
    const answer = await predict();
    expect(answer.statusCode).toBe(202);
    expect(queued).toEqual([id(answer)]);
  });

  test('answers with the labels once the job has them, and queues nothing more', async () => {
    const queued: string[] = [];
    service.onImage = async (jobId) => {
      queued.push(jobId);
      await service.transition(jobId, { to: 'succeeded', at: new Date(), outcome });
    };
    await predict();
    const answer = await predict();
    expect(JSON.parse(answer.body)).toEqual([{ label: 'tench', score: 0.5 }]);
    expect(queued).toHaveLength(1);
  });

  test('is for an image, however it is sent and whatever is asked about it', async () => {
    const first = id(await predict());
    const body =
      '--b\r\nContent-Disposition: form-data; name="file"; filename="other.png"\r\n\r\na picture\r\n--b--\r\n';
    const headers = {
      'Idempotency-Key': key,
      Prefer: 'wait=0',
      'Content-Type': 'multipart/form-data; boundary=b',
    };
    expect(id(await predict({ body, headers, query: { top: '7' } }))).toBe(first);
    expect((await predict({ body: 'another picture' })).statusCode).toBe(422);
  });

  test('is for the models too, in any order; the default one is the same named or not', async () => {
    const first = id(await predict({ query: { model: 'imagenet' } }));
    expect(id(await predict())).toBe(first);
    expect((await predict({ query: { model: 'kinds' } })).statusCode).toBe(422);
    const headers = { 'Idempotency-Key': `${key} of two`, Prefer: 'respond-async' };
    const second = id(await predict({ headers, query: { model: 'kinds,imagenet' } }));
    expect(id(await predict({ headers, query: { model: 'imagenet,kinds' } }))).toBe(second);
    expect((await predict({ headers, query: { model: 'imagenet' } })).statusCode).toBe(422);
  });

  test('is free again once its job is deleted', async () => {
    const first = id(await predict());
    await service.ask({ method: 'DELETE', path: `/status/${first}` });
    const second = id(await predict({ body: 'another picture' }));
    expect(second).not.toBe(first);
    expect((await service.ask({ path: `/status/${first}` })).statusCode).toBe(404);
  });

  test.each(['short', 'é'.repeat(20), 'x'.repeat(256)])(
    'that is not 16 to 255 printable characters is refused: %s',
    async (bad) => {
      expect((await predict({ headers: { 'Idempotency-Key': bad } })).statusCode).toBe(400);
    },
  );
});

describe('Deleting', () => {
  test('ends a wait for the job with 404', async () => {
    await using service = await startService();
    const { id } = await service.create({});
    const waiting = service.ask({ path: `/status/${id}`, query: { wait: '20' } });
    await service.ask({ method: 'DELETE', path: `/status/${id}` });
    expect((await waiting).statusCode).toBe(404);
  });
});

describe('Prefer', () => {
  test.each([
    ['respond-async', 202, 'respond-async'],
    ['wait=0', 202, 'wait=0'],
    ['return=minimal, WAIT="0"', 202, 'wait=0'],
    ['respond-async, wait=10', 202, 'respond-async'],
  ])('%s is heeded and named', async (prefer, status, applied) => {
    await using service = await startService();
    const answer = await service.ask({
      method: 'POST',
      path: '/predict',
      body: 'x',
      headers: { Prefer: prefer },
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers?.['Preference-Applied']).toBe(applied);
  });

  test.each(['nonsense', 'wait=soon', ''])(
    '%j is no preference of ours: the answer waits as usual',
    async (prefer) => {
      await using service = await startService();
      service.onImage = (id) => service.transition(id, { to: 'succeeded', at: new Date(), outcome });
      const answer = await service.ask({
        method: 'POST',
        path: '/predict',
        body: 'x',
        headers: { Prefer: prefer },
      });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers?.['Preference-Applied']).toBeUndefined();
    },
  );
});
