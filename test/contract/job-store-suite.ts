import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyTransition,
  type Job,
  newJob,
  type Transition,
  transitionsFrom,
} from '../../functions/shared/job.ts';
import type { JobStore } from '../../functions/shared/ports.ts';
import {
  aJob,
  anOutcome,
  failing,
  inSeconds,
  jobThatIs,
  starting,
  storedStatuses,
  succeeding,
  uncounting,
} from '../support/jobs.ts';

/** A store of a suite's own. */
export interface OpenJobStore {
  readonly jobs: JobStore;
  close(): Promise<void>;
}

/** What every `JobStore` does with records; see `idempotency-suite.ts` and `watch-suite.ts` for the rest. */
export function jobStoreSuite(name: string, open: () => Promise<OpenJobStore>): void {
  describe(`${name} keeps jobs`, () => {
    let store: OpenJobStore;
    let jobs: JobStore;
    beforeAll(async () => {
      store = await open();
      jobs = store.jobs;
    });
    afterAll(() => store.close());

    describe('created', () => {
      test('a new job is pending, of version 1, and can be read at once', async () => {
        const fields = aJob({ source: 'presigned' });
        const { created, job } = await jobs.create(fields);
        expect({ created, job }).toEqual({ created: true, job: newJob(fields) });
        expect(await jobs.read(fields.id)).toEqual(job);
      });

      test('a job that was never created is not found', async () => {
        expect(await jobs.read(randomUUID())).toBeUndefined();
        expect(await jobs.delete(randomUUID())).toBeUndefined();
      });

      test('a job past its retention can still be read', async () => {
        const createdAt = inSeconds(-90_000);
        const { job } = await jobs.create(aJob({ createdAt }));
        expect(await jobs.read(job.id)).toEqual(job);
      });
    });

    describe('transitions', () => {
      for (const to of ['processing', 'succeeded', 'failed'] as const) {
        for (const from of storedStatuses) {
          const transition = { processing: starting, succeeded: succeeding, failed: failing }[to];
          const allowed = (transitionsFrom[to] as readonly string[]).includes(from);
          test(`a ${from} job ${allowed ? 'becomes' : 'does not become'} ${to}`, async () => {
            const id = await jobThatIs(from, jobs);
            const before = await jobs.read(id);
            const result = await jobs.transition(id, transition());
            expect(result.applied).toBe(allowed);
            expect(result.job?.version).toBe((before?.version ?? 0) + (allowed ? 1 : 0));
            expect(await jobs.read(id)).toEqual(result.job);
            if (!allowed) expect(result.job).toEqual(before);
          });
        }
      }

      test('a job begins as many tries as it may, and no more', async () => {
        const id = await jobThatIs('pending', jobs);
        for (let tries = 1; tries <= 5; tries++) {
          expect((await jobs.transition(id, starting())).job?.attempts).toBe(tries);
        }
        const refused = await jobs.transition(id, starting());
        expect(refused).toMatchObject({ applied: false, job: { status: 'processing', attempts: 5 } });
      });

      test('a try that is taken back does not count, and the job stays as it was', async () => {
        const id = await jobThatIs('processing', jobs);
        const { applied, job } = await jobs.transition(id, uncounting());
        expect({ applied, job }).toMatchObject({
          applied: true,
          job: { status: 'processing', attempts: 0, version: 3 },
        });
        for (const status of ['pending', 'succeeded', 'failed'] as const) {
          expect((await jobs.transition(await jobThatIs(status, jobs), uncounting())).applied).toBe(false);
        }
      });

      test('a job that was given up begins again for a message sent since, and for no older one', async () => {
        const id = await jobThatIs('failed', jobs);
        const late = await jobs.transition(id, starting(new Date(), { sentAt: inSeconds(-60) }));
        expect(late).toMatchObject({ applied: false, job: { status: 'failed' } });
        const again = await jobs.transition(id, starting(inSeconds(1)));
        expect(again).toMatchObject({ applied: true, job: { status: 'processing', attempts: 1 } });
      });

      test('any order of transitions and deletes ends as the rules of a job say', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
            const fields = aJob();
            const { job } = await jobs.create(fields);
            let expected: Job | undefined = job;
            for (const next of steps) {
              if (next === 'delete') {
                expect(await jobs.delete(fields.id)).toEqual(expected);
                expected = undefined;
              } else {
                const applied: Job | undefined = expected && applyTransition(expected, next);
                expected = applied ?? expected;
                const result = await jobs.transition(fields.id, next);
                expect(result).toEqual({ applied: applied !== undefined, job: expected });
              }
            }
            expect(await jobs.read(fields.id)).toEqual(expected);
          }),
          { numRuns: 40 },
        );
      });

      test('scores and times come back as they were, to the last bit', async () => {
        const number = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => Math.fround(value));
        await fc.assert(
          fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 20 }), async (scores) => {
            const id = await jobThatIs('processing', jobs);
            const [prediction] = anOutcome().predictions;
            const predictions = scores.map((score, index) => ({
              ...prediction,
              label: 'é',
              wnid: 'n',
              index,
              score,
            }));
            await jobs.transition(id, succeeding({ ...anOutcome(), predictions }));
            expect((await jobs.read(id))?.predictions).toEqual(predictions);
          }),
          { numRuns: 20 },
        );
      });

      test('what several models saw is kept by name, and which were asked', async () => {
        const { predictions, model, ...seen } = anOutcome();
        const results = {
          'kinds.v2': {
            model: { ...model, name: 'kinds' },
            predictions: [{ index: 0, label: '犬', score: Math.fround(0.1) }],
          },
          imagenet: { model, predictions },
        };
        const models = ['kinds.v2', 'imagenet'];
        const { job } = await jobs.create(aJob({ models }));
        expect(job.models).toEqual(models);
        await jobs.transition(job.id, starting());
        await jobs.transition(job.id, { to: 'succeeded', at: new Date(), outcome: { ...seen, results } });
        const kept = await jobs.read(job.id);
        expect(kept).toMatchObject({ status: 'succeeded', models, results, image: seen.image });
        expect(kept?.predictions).toBeUndefined();
      });

      test('a job that does not exist is not made by a transition', async () => {
        for (const transition of [starting(), succeeding(), failing()]) {
          const id = randomUUID();
          expect(await jobs.transition(id, transition)).toEqual({ applied: false, job: undefined });
          expect(await jobs.read(id)).toBeUndefined();
        }
      });

      test('a deleted job stays deleted, whatever comes after', async () => {
        const id = await jobThatIs('processing', jobs);
        expect(await jobs.delete(id)).toMatchObject({ id, status: 'processing' });
        for (const transition of [starting(), succeeding(), failing()]) {
          expect(await jobs.transition(id, transition)).toEqual({ applied: false, job: undefined });
        }
        expect(await jobs.read(id)).toBeUndefined();
        expect(await jobs.delete(id)).toBeUndefined();
      });
    });

    describe('at the same time', () => {
      test('every start counts once, and each has a version of its own', async () => {
        const id = await jobThatIs('pending', jobs);
        const results = await Promise.all(
          Array.from({ length: 6 }, () => jobs.transition(id, starting(new Date(), { maxTries: 6 }))),
        );
        expect(results.every(({ applied }) => applied)).toBe(true);
        expect(results.map(({ job }) => job?.version).sort()).toEqual([2, 3, 4, 5, 6, 7]);
        expect(await jobs.read(id)).toMatchObject({ version: 7, attempts: 6 });
      });

      test('of two results one wins, and only its writer learns so', async () => {
        const id = await jobThatIs('processing', jobs);
        const results = await Promise.all(
          [0.25, 0.75].map((score) => jobs.transition(id, succeeding(anOutcome(score)))),
        );
        expect(results.map(({ applied }) => applied).sort()).toEqual([false, true]);
        const winner = results.findIndex(({ applied }) => applied);
        const stored = await jobs.read(id);
        expect(stored?.predictions?.[0]?.score).toBe([0.25, 0.75][winner]);
        for (const { job } of results) expect(job).toEqual(stored);
      });

      test('a result outlives a failure that comes with it', async () => {
        for (let round = 0; round < 5; round++) {
          const id = await jobThatIs('processing', jobs);
          const [success] = await Promise.all([
            jobs.transition(id, succeeding()),
            jobs.transition(id, failing()),
          ]);
          expect(success.applied).toBe(true);
          expect(await jobs.read(id)).toMatchObject({ status: 'succeeded' });
          expect((await jobs.read(id))?.error).toBeUndefined();
        }
      });

      test('a delete wins over every transition', async () => {
        for (let round = 0; round < 5; round++) {
          const id = await jobThatIs('processing', jobs);
          await Promise.all([
            jobs.transition(id, starting()),
            jobs.delete(id),
            jobs.transition(id, succeeding()),
          ]);
          expect(await jobs.read(id)).toBeUndefined();
        }
      });
    });
  });
}

const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
const step: fc.Arbitrary<Transition | 'delete'> = fc.oneof(
  { arbitrary: fc.tuple(at, at).map(([time, sentAt]) => starting(time, { sentAt, maxTries: 2 })), weight: 3 },
  { arbitrary: at.map((time) => succeeding(anOutcome(), time)), weight: 2 },
  { arbitrary: at.map((time) => failing('gave_up', time)), weight: 2 },
  { arbitrary: at.map((time) => uncounting(time)), weight: 1 },
  { arbitrary: fc.constant('delete' as const), weight: 1 },
);
