import { describe, expect, test } from 'vitest';
import {
  at,
  fileForm,
  jobAnswer,
  labels,
  predict,
  problem,
  readStatus,
  untilEnded,
} from '../support/e2e/client.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const image = await drawJpeg();

describe('POST /predict', () => {
  test('answers a multipart file with exactly the three best labels, best first', async () => {
    const response = await predict(image);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const [first, second, third, ...more] = labels.parse(await response.json());
    expect(more).toEqual([]);
    expect(first?.score).toBeGreaterThanOrEqual(second?.score ?? 1);
    expect(second?.score).toBeGreaterThanOrEqual(third?.score ?? 1);
  });

  test('takes the image as the body, whatever its media type says, and gives the same scores', async () => {
    const raw = await fetch(at('predict'), {
      method: 'POST',
      body: new Uint8Array(image),
      headers: { 'Content-Type': 'image/jpeg' },
    });
    expect(raw.status).toBe(200);
    expect(await raw.json()).toEqual(await (await predict(image)).json());
  });

  test('gives as many labels as asked for, and none below the threshold', async () => {
    const twenty = labels.parse(await (await predict(image, '?top=20')).json());
    expect(twenty).toHaveLength(20);
    const threshold = twenty[4]?.score ?? 1;
    const above = labels.parse(await (await predict(image, `?top=20&threshold=${threshold}`)).json());
    expect(above).toEqual(twenty.filter(({ score }) => score >= threshold));
  });

  test('says where the job is, by a reference that holds under any base path, and where the time went', async () => {
    const response = await predict(image);
    const location = response.headers.get('location') ?? '';
    expect(location).toMatch(/^status\/[0-9a-f-]{36}$/);
    const job = jobAnswer.parse(await (await fetch(new URL(location, response.url))).json());
    expect(job).toMatchObject({ status: 'succeeded', source: 'inline', attempts: 1 });
    expect(response.headers.get('server-timing')).toMatch(
      /^store;dur=.*queue;dur=.*decode;dur=.*network;dur=/,
    );
  });

  test('answers a status of less than 2 kB, which names the model and does not describe it', async () => {
    const response = await predict(image);
    const status = await (await fetch(new URL(response.headers.get('location') ?? '', response.url))).text();
    expect(Object.keys(jobAnswer.parse(JSON.parse(status)).model ?? {})).toEqual(['name', 'sha256']);
    expect(status.length).toBeLessThan(2000);
  });

  test('answers at once with the job where the client prefers so, and the job ends', async () => {
    const response = await predict(image, '', { Prefer: 'respond-async' });
    expect(response.status).toBe(202);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    expect(response.headers.get('retry-after')).toBe('1');
    const { id } = jobAnswer.parse(await response.json());
    expect(await untilEnded(id)).toMatchObject({
      status: 'succeeded',
      image: { format: 'jpeg', width: 320, height: 240, bytes: image.length },
    });
  });

  test('lets every image in a crowd have its own answer', async () => {
    const images = await Promise.all(Array.from({ length: 16 }, (_, variant) => drawJpeg(200, 150, variant)));
    const alone: unknown[] = [];
    for (const one of images) alone.push(await (await predict(one)).json());
    const crowded = await Promise.all(images.map(async (one) => (await predict(one)).json()));
    expect(crowded).toEqual(alone);
    expect(new Set(crowded.map((answer) => JSON.stringify(answer))).size).toBeGreaterThan(8);
  });

  test('keeps the job once however often a request with one Idempotency-Key is repeated', async () => {
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => predict(image, '', headers)));
    expect(new Set(answers.map((answer) => answer.headers.get('location'))).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const other = await predict(await drawJpeg(100, 100, 3), '', headers);
    expect([other.status, problem.parse(await other.json()).code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('forgets a job that is deleted', async () => {
    const response = await predict(image);
    const location = new URL(response.headers.get('location') ?? '', response.url);
    expect((await fetch(location, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(location)).status).toBe(404);
    expect((await fetch(location, { method: 'DELETE' })).status).toBe(404);
  });

  test('reads a file whose name is no image name, and one sent beside other parts', async () => {
    const form = fileForm(image, '../../etc/passwd[shrink=9].exe');
    form.set('comment', 'hello');
    const response = await fetch(at('predict'), { method: 'POST', body: form });
    expect(response.status).toBe(200);
    const asked = await predict(image, '', { Prefer: 'respond-async' });
    const { id } = jobAnswer.parse(await asked.json());
    expect((await readStatus(id)).id).toBe(id);
  });
});
