import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../functions/shared/job.ts';
import type { JobStore } from '../../functions/shared/ports.ts';
import { aJob, failing, inSeconds, jobThatIs, starting, succeeding } from '../support/jobs.ts';
import type { OpenJobStore } from './job-store-suite.ts';

/** What every `JobStore` tells who watches. */
export function watchSuite(name: string, open: () => Promise<OpenJobStore>): void {
  describe(`${name} tells who watches`, () => {
    let store: OpenJobStore;
    let jobs: JobStore;
    beforeAll(async () => {
      store = await open();
      jobs = store.jobs;
    });
    afterAll(() => store.close());

    const watch = (id: string, signal = AbortSignal.timeout(10_000)) => collect(jobs.watch(id, signal));

    test('a job that has ended comes once, and that is all', async () => {
      const id = await jobThatIs('succeeded', jobs);
      expect(await watch(id)).toEqual([await jobs.read(id)]);
    });

    test('a job that does not exist does not come at all', async () => {
      expect(await watch(randomUUID())).toEqual([]);
    });

    test('the state at the start comes at once, then each newer one, until the job has ended', async () => {
      const id = await jobThatIs('pending', jobs);
      const states = jobs.watch(id, AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
      expect((await states.next()).value).toMatchObject({ status: 'pending', version: 1 });
      await jobs.transition(id, starting());
      expect((await states.next()).value).toMatchObject({ status: 'processing', version: 2 });
      await jobs.transition(id, succeeding());
      expect((await states.next()).value).toMatchObject({ status: 'succeeded', version: 3 });
      expect((await states.next()).done).toBe(true);
    });

    test('whatever the pace, no state is older than the one before, and the last is never missing', async () => {
      const pause = fc.integer({ min: 0, max: 15 });
      await fc.assert(
        fc.asyncProperty(fc.array(pause, { maxLength: 5 }), pause, async (starts, last) => {
          const id = await jobThatIs('pending', jobs);
          const watchers = [watch(id), watch(id)];
          for (const milliseconds of starts) {
            await sleep(milliseconds);
            await jobs.transition(id, starting());
          }
          await sleep(last);
          const { job: ended } = await jobs.transition(id, last % 2 ? succeeding() : failing());
          for (const states of await Promise.all(watchers)) {
            const versions = states.map(({ version }) => version);
            expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
            expect(states.at(-1)).toEqual(ended);
          }
        }),
        { numRuns: 8 },
      );
    });

    test('a deleted job ends the watch', async () => {
      const id = await jobThatIs('processing', jobs);
      const watched = watch(id);
      await sleep(30);
      await jobs.delete(id);
      expect((await watched).map(({ status }) => status)).toEqual(['processing']);
    });

    test('an upload that never came ends as expired, at its deadline', async () => {
      const deadline = inSeconds(0.3);
      const { job } = await jobs.create(aJob({ source: 'presigned', deadline }));
      const states = await watch(job.id);
      expect(states.map(({ status }) => status)).toEqual(['pending', 'expired']);
      expect(Date.now()).toBeGreaterThanOrEqual(deadline.getTime());
      expect(states.at(-1)).toMatchObject({ version: 2, error: { code: 'upload_expired' } });
    });

    test('a job nobody finishes ends as failed, at its deadline', async () => {
      const { job } = await jobs.create(aJob({ deadline: inSeconds(0.1) }));
      const deadline = inSeconds(0.3);
      await jobs.transition(job.id, starting(new Date(), { deadline }));
      const states = await watch(job.id);
      expect(states.map(({ status }) => status)).toEqual(['processing', 'failed']);
      expect(states.at(-1)).toMatchObject({ version: 3, error: { code: 'lost' } });
    });

    test('an abort ends the watch at once, without an error', async () => {
      const id = await jobThatIs('pending', jobs);
      const abort = new AbortController();
      const watched = watch(id, abort.signal);
      await sleep(200);
      const aborted = performance.now();
      abort.abort();
      expect((await watched).map(({ status }) => status)).toEqual(['pending']);
      expect(performance.now() - aborted).toBeLessThan(100);
      expect(await watch(id, AbortSignal.abort())).toEqual([]);
    });

    test('who stops listening leaves nothing behind', async () => {
      const id = await jobThatIs('pending', jobs);
      for await (const job of jobs.watch(id, AbortSignal.timeout(10_000))) {
        expect(job.id).toBe(id);
        break;
      }
      expect((await jobs.transition(id, starting())).applied).toBe(true);
    });
  });
}

async function collect(states: AsyncIterable<Job>): Promise<Job[]> {
  const seen: Job[] = [];
  for await (const job of states) seen.push(job);
  return seen;
}
