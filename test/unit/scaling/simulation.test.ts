import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { dollarsAMonth, poissonArrivals } from '../../../infra/scaling/rates.ts';
import { type Load, simulate } from '../../../infra/scaling/simulate.ts';
import { costTables, head, line } from '../../../infra/scaling/table.ts';

const load: Load = {
  arrivals: [],
  batchSize: 5,
  maxConcurrency: 1,
  start: 300,
  image: 100,
  kept: 300_000,
};

/**
 * By hand: seven messages at 0 ms, one function, batches of five. It starts for 300 ms, then ends an image each 100 ms: 400, 500, 600,
 * 700, 800. The second batch needs no start: 900, 1000. An eighth message at 2000 ms finds it idle: 100 ms.
 */
test('gives what a small load comes to by hand', () => {
  const result = simulate({ ...load, arrivals: [0, 0, 0, 0, 0, 0, 0, 2000] });
  expect(result).toEqual({
    ages: [400, 500, 600, 700, 800, 900, 1000, 100],
    mostWaiting: 2,
    waitingAtLast: 0,
    mostFunctions: 1,
    starts: 1,
    invocations: 3,
    billed: 300 + 700 + 100,
  });
});

/** By hand: one function ends 10 images a second, 15 arrive: after 10 s about 50 wait, and the last of them is done 5 s later. */
test('lets the queue grow where more arrives than the functions can do', () => {
  const arrivals = Array.from({ length: 150 }, (_, index) => (index * 1000) / 15);
  const { ages, waitingAtLast } = simulate({ ...load, start: 0, arrivals });
  expect(waitingAtLast).toBeGreaterThan(45);
  expect(waitingAtLast).toBeLessThanOrEqual(50);
  expect(ages.at(-1)).toBeCloseTo(15_000 - (149 * 1000) / 15, 0);
});

test('runs five functions at first and five more each second, up to the setting', () => {
  const arrivals = Array<number>(5000).fill(0);
  const mostFunctions = (maxConcurrency: number, count: number) =>
    simulate({ ...load, batchSize: 1, maxConcurrency, arrivals: arrivals.slice(0, count) }).mostFunctions;
  expect(mostFunctions(1000, 10)).toBe(5);
  expect(mostFunctions(1000, 5000)).toBeGreaterThan(30);
  expect(mostFunctions(12, 5000)).toBe(12);
});

test('starts a function again that had nothing to do for too long', () => {
  expect(simulate({ ...load, arrivals: [0, 200_000, 600_000] }).starts).toBe(2);
});

test('the same seed gives the same arrivals, as many as the rate says', () => {
  const arrivals = poissonArrivals(100, 600, 1);
  expect(poissonArrivals(100, 600, 1)).toEqual(arrivals);
  expect(poissonArrivals(100, 600, 2)).not.toEqual(arrivals);
  // 60,000 with a standard deviation of 245.
  expect(Math.abs(arrivals.length - 60_000)).toBeLessThan(1000);
});

/** By hand, at one image a second: 2,629,800 images a month; one GB-second each in classify is $13.33 a million. */
test('charges for what was billed', () => {
  const cost = (billed: number) =>
    dollarsAMonth(
      1,
      { ages: [0], mostWaiting: 0, waitingAtLast: 0, mostFunctions: 1, starts: 0, invocations: 1, billed },
      1024,
    );
  expect(cost(1000) - cost(0)).toBeCloseTo(2.6298 * 13.3334, 2);
});

test('docs/scaling.md has the figures that the simulation gives', async () => {
  const document = await readFile(new URL('../../../docs/scaling.md', import.meta.url), 'utf8');
  const options = { seed: 1, minutes: 10 };
  expect(document).toContain(head.join('\n'));
  // The rows for 1,000 images a second take seconds to compute.
  for (const perSecond of [10, 100])
    expect(document).toContain(line({ perSecond, maxConcurrency: 50 }, options));
});

test('docs/performance.md has the sums for a million images', async () => {
  const document = await readFile(new URL('../../../docs/performance.md', import.meta.url), 'utf8');
  for (const table of costTables()) expect(document).toContain(table);
});
