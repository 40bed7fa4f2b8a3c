import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { endlessRuns, runLengthBitmap } from '../hostile/generators/bmp.ts';
import { manyScans } from '../hostile/generators/jpeg.ts';
import { predict, useService } from '../support/e2e/client.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const costly = [
  ...Array.from({ length: 6 }, () => manyScans(7000, 7000, 2000)),
  ...Array.from({ length: 2 }, () => runLengthBitmap(300, 300, endlessRuns(24_000_000))),
];

test('eight costly files cost another client no answer, and none takes three seconds', async () => {
  await using service = await startLocalService();
  useService(service);
  const image = await drawJpeg();
  expect((await predict(image)).status).toBe(200);
  let isOver = false;
  const attack = Promise.all(
    costly.map(async (file) => {
      const began = performance.now();
      const { status } = await predict(file);
      return { status, seconds: (performance.now() - began) / 1000 };
    }),
  ).finally(() => {
    isOver = true;
  });
  const times: number[] = [];
  while (!isOver || times.length < 20) {
    const began = performance.now();
    expect((await predict(image)).status).toBe(200);
    times.push(performance.now() - began);
    await sleep(20);
  }
  const ends = await attack;
  const longest = Math.max(...ends.map(({ seconds }) => seconds));
  console.log(
    `${times.length} answers to the other client, slowest ${Math.max(...times).toFixed(0)} ms; ` +
      `costly files: ${ends.map(({ status }) => status).join(' ')}, ended after ${longest.toFixed(1)} s at most`,
  );
  expect(Math.max(...times)).toBeLessThan(3000);
  for (const { status } of ends) expect([415, 422]).toContain(status);
});
