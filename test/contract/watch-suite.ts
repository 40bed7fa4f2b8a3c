import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Job } from '../../functions/shared/job.ts';
import type { JobStore } from '../../functions/shared/ports.ts';
import { aJob, failing, inSeconds, jobThatIs, starting, succeeding } from '../support/jobs.ts';
import type { OpenJobStore } from './job-store-suite.ts';

/** What every `JobStore` tells its watchers. */
export function watchSuite(name: string, open: () => Promise<OpenJobStore>): void {
  describe(`${name} tells watchers`, () => {
    let store: OpenJobStore;
    let jobs: JobStore;
    beforeAll(async () => {
      store = await open();
      jobs = store.jobs;
    });
    afterAll(() => store.close());

    const watch = (id: string, signal = AbortSignal.timeout(10_000)) => collect(jobs.watch(id, signal));

    test('a job that has ended comes exactly once', async () => {
      const id = await jobThatIs('succeeded', jobs);
      expect(await watch(id)).toEqual([await jobs.read(id)]);
    });

    test('a job that does not exist never comes', async () => {
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

    /** The states of a job from before its deadline to its end. A machine too slow to see the first gets a later deadline. */
    async function pastDeadline(make: (deadline: Date) => Promise<string>, seconds = 0.3): Promise<Job[]> {
      const deadline = inSeconds(seconds);
      const states = jobs.watch(await make(deadline), AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
      const first = await states.next();
      const isLate = Date.now() >= deadline.getTime();
      const rest = await collect({ [Symbol.asyncIterator]: () => states });
      expect(Date.now()).toBeGreaterThanOrEqual(deadline.getTime());
      if (isLate && seconds < 5) return pastDeadline(make, 2 * seconds);
      return [first.value, ...rest];
    }

    test('an upload that never came ends as expired, at its deadline', async () => {
      const states = await pastDeadline(async (deadline) => {
        return (await jobs.create(aJob({ source: 'presigned', deadline }))).job.id;
      });
      expect(states.map(({ status }) => status)).toEqual(['pending', 'expired']);
      expect(states.at(-1)).toMatchObject({ version: 2, error: { code: 'upload_expired' } });
    });

    test('a job that is never finished ends as failed, at the deadline of its last transition', async () => {
      const states = await pastDeadline(async (deadline) => {
        const { job } = await jobs.create(aJob({ deadline: inSeconds(0.1) }));
        await jobs.transition(job.id, starting(new Date(), { deadline }));
        return job.id;
      });
      expect(states.map(({ status }) => status)).toEqual(['processing', 'failed']);
      expect(states.at(-1)).toMatchObject({ version: 3, error: { code: 'lost' } });
    });

    test('an abort ends the watch at once, without an error', async () => {
      const id = await jobThatIs('pending', jobs);
      const abort = new AbortController();
      const watched = watch(id, abort.signal);
      await sleep(200);
      abort.abort();
      // A watch that only sees the abort at its next look at the store takes longer than a read of the store does.
      const readOnce = jobs.read(id).then(() => sleep(50));
      expect(await Promise.race([watched, readOnce])).toMatchObject([{ status: 'pending' }]);
      expect(await watch(id, AbortSignal.abort())).toEqual([]);
    });

    test('a watcher that stops listening leaves nothing behind', async () => {
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
