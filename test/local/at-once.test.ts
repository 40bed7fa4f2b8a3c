import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { predict, problem, readStatus, statusId, untilEnded, useService } from '../support/e2e/client.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { kill } from '../support/local/server-process.ts';
import { drawJpeg } from '../support/pictures/images.ts';

/** A whole picture, followed by a word that takes down the worker reading it. */
async function poisoned(fault: string): Promise<Buffer> {
  return Buffer.concat([await drawJpeg(), Buffer.from(`poison:${fault}`)]);
}

const storedImages = (dataDir: string) => readdir(join(dataDir, 'images', 'inline'));

describe('an image that is answered within its request', () => {
  test('leaves a job that survives a kill, and no file', async () => {
    await using service = await startLocalService();
    useService(service);
    const response = await predict(await drawJpeg());
    expect(response.status).toBe(200);
    const id = statusId(response);
    await kill(service);
    expect(await storedImages(service.dataDir)).toEqual([]);
    await using next = await startLocalService({ DATA_DIR: service.dataDir });
    useService(next);
    expect(await readStatus(id)).toMatchObject({ status: 'succeeded', version: 3, attempts: 1 });
  });

  test('and is none leaves a failed job', async () => {
    await using service = await startLocalService();
    useService(service);
    const response = await predict(Buffer.from('no image'));
    expect(response.status).toBe(415);
    expect(await readStatus(statusId(response))).toMatchObject({ status: 'failed', attempts: 1 });
    expect(await storedImages(service.dataDir)).toEqual([]);
  });
});

describe('an image under an idempotency key that is answered within its request', () => {
  const key = () => ({ 'Idempotency-Key': crypto.randomUUID() });

  test('leaves no file, and a repeat after a kill finds its job', async () => {
    await using service = await startLocalService();
    useService(service);
    const headers = key();
    const image = await drawJpeg();
    const first = await predict(image, '', headers);
    expect(first.status).toBe(200);
    expect(await storedImages(service.dataDir)).toEqual([]);
    await kill(service);
    await using next = await startLocalService({ DATA_DIR: service.dataDir });
    useService(next);
    const repeat = await predict(image, '', headers);
    expect(statusId(repeat)).toBe(statusId(first));
    expect(await repeat.json()).toEqual(await first.json());
    expect((await predict(await drawJpeg(90, 60), '', headers)).status).toBe(422);
  });

  test('is classified once, however many repeats come while it runs', async () => {
    await using service = await startLocalService({ WORKERS: '1' });
    useService(service);
    const headers = key();
    const image = await drawJpeg(2000, 1500);
    const answers = await Promise.all(Array.from({ length: 6 }, () => predict(image, '', headers)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 200));
    expect(new Set(answers.map(statusId)).size).toBe(1);
    expect(await readStatus(statusId(answers[0] ?? Response.error()))).toMatchObject({ attempts: 1 });
  });

  test('stands for the same job as a repeat that does not wait', async () => {
    await using service = await startLocalService({ WORKERS: '1' });
    useService(service);
    const headers = key();
    const image = await drawJpeg(2000, 1500);
    const [first, repeat] = await Promise.all([
      predict(image, '', headers),
      predict(image, '', { ...headers, Prefer: 'respond-async' }),
    ]);
    expect(first.status).toBe(200);
    expect(statusId(repeat)).toBe(statusId(first));
    expect(await untilEnded(statusId(first), 20)).toMatchObject({ status: 'succeeded' });
  });
});

describe('an image that is stored and queued after all', () => {
  test('because the client stopped waiting survives a kill', async () => {
    const settings = { WORKERS: '1', WORKER_PROCESSOR_SECONDS: '2' };
    await using service = await startLocalService(settings);
    useService(service);
    const response = await predict(await poisoned('spin'), '', { Prefer: 'wait=1' });
    expect(response.status).toBe(202);
    const id = statusId(response);
    const workers = await service.workers();
    await kill(service);
    // One that spins does not notice that its server is gone.
    for (const worker of workers) process.kill(worker, 'SIGKILL');
    expect(await storedImages(service.dataDir)).toEqual([id]);
    await using next = await startLocalService({ ...settings, DATA_DIR: service.dataDir });
    useService(next);
    expect(await untilEnded(id, 45)).toMatchObject({ status: 'failed', error: { code: 'too_costly' } });
  });

  test('because its worker crashed is tried as often as any other, and its neighbours are answered', async () => {
    await using service = await startLocalService({ MAX_TRIES: '2' });
    useService(service);
    const [bad, ...others] = await Promise.all(
      [await poisoned('SIGKILL'), ...(await Promise.all([1, 2, 3].map((v) => drawJpeg(200, 100, v))))].map(
        (image) => predict(image),
      ),
    );
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(problem.parse(await bad?.json())).toMatchObject({ code: 'gave_up' });
  });

  test('because others were there before it is answered too', async () => {
    await using service = await startLocalService({ WORKERS: '1' });
    useService(service);
    const images = await Promise.all(Array.from({ length: 8 }, (_, v) => drawJpeg(800, 600, v)));
    const earlier = await Promise.all(images.map((image) => predict(image, '', { Prefer: 'respond-async' })));
    const response = await predict(await drawJpeg());
    expect(response.status).toBe(200);
    const last = await readStatus(statusId(response));
    for (const { status, finishedAt = '' } of await Promise.all(
      earlier.map((e) => readStatus(statusId(e))),
    )) {
      expect({ status, isEarlier: finishedAt <= (last.finishedAt ?? '') }).toEqual({
        status: 'succeeded',
        isEarlier: true,
      });
    }
  });
});
