import { describe, expect, test } from 'vitest';
import { jobAnswer, predict, untilEnded, useService } from '../support/e2e/client.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { drawJpeg } from '../support/pictures/images.ts';

/** A whole picture, followed by a word that crashes the worker reading it. */
async function poisoned(fault: string): Promise<Buffer> {
  return Buffer.concat([await drawJpeg(), Buffer.from(`poison:${fault}`)]);
}

async function submit(image: Uint8Array): Promise<string> {
  return jobAnswer.parse(await (await predict(image, '', { Prefer: 'respond-async' })).json()).id;
}

describe('a worker that crashes on an image', () => {
  test.each(['SIGKILL', 'SIGSEGV', 'abort', 'hang'])(
    'by %s is replaced, the image is given up with a reason, and its neighbours succeed',
    async (fault) => {
      await using service = await startLocalService({ MAX_TRIES: '2', WORKER_TIMEOUT_SECONDS: '13' });
      useService(service);
      const before = await submit(await drawJpeg(200, 100, 1));
      const bad = await submit(await poisoned(fault));
      const after = await Promise.all(
        [2, 3, 4].map(async (variant) => submit(await drawJpeg(200, 100, variant))),
      );
      for (const id of [before, ...after])
        expect(await untilEnded(id)).toMatchObject({ status: 'succeeded' });
      expect(await untilEnded(bad, 50)).toMatchObject({
        status: 'failed',
        attempts: 2,
        error: { code: 'gave_up' },
      });
      expect((await predict(await drawJpeg())).status).toBe(200);
    },
  );

  test('by the processor time it takes is replaced, and the image fails without another try', async () => {
    await using service = await startLocalService({ WORKERS: '1', WORKER_PROCESSOR_SECONDS: '2' });
    useService(service);
    const costly = await submit(await poisoned('spin'));
    const next = await submit(await drawJpeg());
    expect(await untilEnded(costly)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'too_costly' },
    });
    expect(await untilEnded(next)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  test('stopped by a signal is noticed long before its time is up, and its images are tried at once again', async () => {
    await using service = await startLocalService({ WORKERS: '2' });
    useService(service);
    await predict(await drawJpeg());
    const workers = await service.workers();
    for (const worker of workers) process.kill(worker, 'SIGSTOP');
    const images = await Promise.all([1, 2, 3].map((variant) => drawJpeg(200, 100, variant)));
    const began = performance.now();
    const answers = images.map((image) => predict(image));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    // Half a second where the machine is idle; a worker has 20 s for an image.
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await service.workers()).not.toEqual(workers);
  });

  test('by a signal from outside has its image delivered again', async () => {
    await using service = await startLocalService({ WORKERS: '1' });
    useService(service);
    const [worker] = await service.workers();
    process.kill(worker ?? 0, 'SIGSTOP');
    const id = await submit(await drawJpeg());
    process.kill(worker ?? 0, 'SIGKILL');
    expect(await untilEnded(id)).toMatchObject({ status: 'succeeded' });
    expect(await service.workers()).not.toContain(worker);
  });
});

describe('Ctrl-C', () => {
  test('answers what is under way, then ends with exit code 0', async () => {
    await using service = await startLocalService({ WORKERS: '1' });
    useService(service);
    const images = await Promise.all(
      Array.from({ length: 8 }, (_, variant) => drawJpeg(2000, 1500, variant)),
    );
    const answers = images.map((image) => predict(image));
    await expect.poll(() => service.output(), { timeout: 10_000 }).toContain('job ended');
    service.signal('SIGINT');
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(images.map(() => 200));
    expect(await service.exited).toBe(0);
  });

  test('leaves what was queued for the next start', async () => {
    await using first = await startLocalService({ WORKERS: '1' });
    useService(first);
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, variant) => submit(await drawJpeg(1500, 1000, variant))),
    );
    first.signal('SIGTERM');
    expect(await first.exited).toBe(0);
    await using second = await startLocalService({ DATA_DIR: first.dataDir });
    useService(second);
    for (const id of ids) expect(await untilEnded(id)).toMatchObject({ status: 'succeeded' });
  });
});
