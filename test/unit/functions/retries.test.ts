import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Outage,
  type Picture,
  Simulation,
  type SimulationOptions,
  type Story,
} from '../../support/simulation/service.ts';

/** Milliseconds. */
const [second, minute] = [1000, 60_000];
const seeds = [1, 2, 3];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function simulation(options: Omit<SimulationOptions, 'onAdvance'>): Simulation {
  const simulated = new Simulation({ ...options, onAdvance: (now) => vi.setSystemTime(now) });
  // The back-off's jitter comes from the same seed as everything else.
  vi.spyOn(Math, 'random').mockImplementation(simulated.random);
  return simulated;
}

/** Runs until every image is done with. */
async function ended(simulated: Simulation, pictures: readonly Picture[], withinMilliseconds = 0) {
  for (const picture of pictures) simulated.submit(picture, simulated.random() * withinMilliseconds);
  return simulated.run();
}

const statuses = (stories: readonly Story[]) => [...new Set(stories.map(({ job }) => job.status))];
const readLost = ({ job, endedAt = 0, sentAt }: Story) =>
  endedAt - sentAt > Date.parse(job.deadline) - Date.parse(job.createdAt);

describe.each(seeds)('ten minutes without a dependency (seed %i)', (seed) => {
  const outages: readonly (readonly [string, Pick<Outage, 'parts' | 'callMilliseconds'>])[] = [
    ['storage', { parts: ['images'] }],
    ['the table', { parts: ['jobs'] }],
    ['storage, table and queue', { parts: ['images', 'jobs', 'queue'] }],
    ['a storage that hangs', { parts: ['images'], callMilliseconds: 10_000 }],
    ['a table that hangs', { parts: ['jobs'], callMilliseconds: 12_000 }],
  ];

  test.each(outages)(
    '%s: nothing is given up or reads as lost, and all succeed soon after',
    async (_, fault) => {
      const [from, to] = [30 * second, 10 * minute + 30 * second];
      const simulated = simulation({ seed, outages: [{ ...fault, from, to }] });
      const stories = await ended(simulated, Array<Picture>(300).fill(200), to);
      expect(simulated.deadLettered).toEqual([]);
      expect(statuses(stories)).toEqual(['succeeded']);
      expect(stories.filter(readLost)).toEqual([]);
      expect(Math.max(...stories.map(({ endedAt = 0 }) => endedAt)) - to).toBeLessThan(4 * minute);
      expect(Math.max(...stories.map(({ job }) => job.attempts))).toBeLessThanOrEqual(2);
    },
  );
});

describe.each(seeds)('a passing fault (seed %i)', (seed) => {
  test('is over within seconds', async () => {
    const simulated = simulation({ seed, outages: [{ from: 0, to: 200, parts: ['images'] }] });
    const stories = await ended(simulated, Array<Picture>(20).fill(100));
    expect(statuses(stories)).toEqual(['succeeded']);
    expect(Math.max(...stories.map(({ endedAt = 0 }) => endedAt))).toBeLessThan(7 * second);
  });

  test('of every third call costs no image its labels', async () => {
    const simulated = simulation({ seed, failsNow: (_, random) => random() < 1 / 3 });
    const stories = await ended(simulated, Array<Picture>(300).fill(200), minute);
    expect(statuses(stories)).toEqual(['succeeded']);
    expect(simulated.deadLettered).toEqual([]);
  });
});

describe.each(seeds)('a backlog of 240 slow images (seed %i)', (seed) => {
  const constant = [1, 5, 9, 10, 11, 12, 13, 15, 16, 18, 20, 25, 29].map(
    (seconds) => [`of ${seconds} s each`, () => seconds * second] as const,
  );
  const mixed = [
    ['of 0.1 s to 29 s', (random: () => number) => (0.1 + 28.9 * random()) * second],
    ['mostly quick, some of 29 s', (random: () => number) => (random() < 0.1 ? 29 : 0.1) * second],
    ['half of 10 s and half of 18 s', (random: () => number) => (random() < 0.5 ? 10 : 18) * second],
  ] as const;

  test.each(constant)('%s is classified to the last, each at its first try', async (_, takes) => {
    const simulated = simulation({ seed, maxConcurrency: 10 });
    const stories = await ended(simulated, Array.from({ length: 240 }, takes));
    expect(simulated.deadLettered).toEqual([]);
    expect(statuses(stories)).toEqual(['succeeded']);
    expect(stories.filter(({ tries }) => tries.length !== 1)).toEqual([]);
  });

  test.each(mixed)('%s is classified to the last: none is given up', async (_, takes) => {
    const simulated = simulation({ seed, maxConcurrency: 10 });
    const pictures = Array.from({ length: 240 }, () => takes(simulated.random));
    const stories = await ended(simulated, pictures);
    expect(simulated.deadLettered).toEqual([]);
    expect(stories.filter(({ tries }) => tries.length === 0)).toEqual([]);
    expect(statuses(stories)).toEqual(['succeeded']);
  });
});

test('a backlog at any mix of speeds, with any number of functions, is classified to the last', async () => {
  const load = fc.record({
    seed: fc.integer(),
    maxConcurrency: fc.integer({ min: 2, max: 50 }),
    // Milliseconds; shrunk towards what a function just manages.
    slowest: fc.integer({ min: 50, max: 29_500 }),
    shareOfSlow: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const property = fc.asyncProperty(load, async ({ seed, maxConcurrency, slowest, shareOfSlow }) => {
    const simulated = simulation({ seed, maxConcurrency });
    const pictures = Array.from({ length: 220 }, () =>
      simulated.random() < shareOfSlow ? slowest : slowest * simulated.random(),
    );
    const stories = await ended(simulated, pictures);
    expect(statuses(stories)).toEqual(['succeeded']);
    expect(simulated.deadLettered).toEqual([]);
  });
  await fc.assert(property, { numRuns: 40, seed: 1 });
});

describe.each(seeds)('poison images among others (seed %i)', (seed) => {
  test.each([
    ['crash', 'crash', 0.05],
    ['run into the time limit of', 'hang', 0.05],
    ['fail in', 'error', 0.05],
    ['crash', 'crash', 0.5],
  ] as const)(
    'that %s the function end after five tries, and no other is given up (%s, %d)',
    async (_, fault, share) => {
      const simulated = simulation({ seed, maxConcurrency: 10 });
      const pictures = Array.from({ length: 240 }, (): Picture => (simulated.random() < share ? fault : 200));
      const stories = await ended(simulated, pictures, 5 * minute);
      const poison = stories.filter(({ picture }) => picture === fault);
      const others = stories.filter(({ picture }) => picture !== fault);
      expect(statuses(others)).toEqual(['succeeded']);
      expect(stories.filter(readLost)).toEqual([]);
      expect(poison.map(({ tries }) => tries.length)).toEqual(poison.map(() => 5));
      for (const { job } of poison)
        expect(job).toMatchObject({ status: 'failed', error: { code: 'gave_up' } });
      const time = (story: Story) => (story.endedAt ?? 0) - story.sentAt;
      expect(Math.max(...poison.map(time))).toBeLessThan(25 * minute);
      expect(Math.max(...others.map(time))).toBeLessThan(share > 0.1 ? 20 * minute : 7 * minute);
    },
  );

  test('a damaged image fails at its first try', async () => {
    const simulated = simulation({ seed });
    const [story] = await ended(simulated, ['damaged']);
    expect(story).toMatchObject({ job: { status: 'failed', attempts: 1, error: { code: 'corrupt_image' } } });
  });
});
