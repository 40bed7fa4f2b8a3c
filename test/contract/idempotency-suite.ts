import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobStore } from '../../functions/shared/ports.ts';
import { aJob, aKey, inSeconds, starting, succeeding } from '../support/jobs.ts';
import type { OpenJobStore } from './job-store-suite.ts';

/** What every `JobStore` does with idempotency keys. */
export function idempotencySuite(name: string, open: () => Promise<OpenJobStore>): void {
  describe(`${name} creates a job once per idempotency key`, () => {
    let store: OpenJobStore;
    let jobs: JobStore;
    beforeAll(async () => {
      store = await open();
      jobs = store.jobs;
    });
    afterAll(() => store.close());

    test('a repeat finds the first job, as it stands by then', async () => {
      const key = aKey();
      const first = await jobs.create(aJob(), key);
      await jobs.transition(first.job.id, starting());
      const { job } = await jobs.transition(first.job.id, succeeding());
      expect(await jobs.create(aJob(), key)).toEqual({ created: false, job });
    });

    test('a repeat with another request is refused, and changes nothing', async () => {
      const key = aKey();
      const { job } = await jobs.create(aJob(), key);
      const other = aJob();
      await expect(jobs.create(other, { ...key, request: 'image two' })).rejects.toMatchObject({
        name: 'Problem',
        code: 'idempotency_key_reused',
      });
      expect(await jobs.read(other.id)).toBeUndefined();
      expect(await jobs.create(aJob(), key)).toEqual({ created: false, job });
    });

    test('of many at once one creates the job, and all answer with it', async () => {
      const key = aKey();
      const results = await Promise.all(Array.from({ length: 10 }, () => jobs.create(aJob(), key)));
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(results.map(({ job }) => job.id)).size).toBe(1);
      expect(await jobs.read(results[0]?.job.id ?? '')).toEqual(results[0]?.job);
    });

    test('of two different requests at once one is refused', async () => {
      const key = aKey();
      const results = await Promise.allSettled(
        ['one', 'two'].map((request) => jobs.create(aJob(), { ...key, request })),
      );
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    test('requests without a key, or with different ones, have jobs of their own', async () => {
      const results = [
        await jobs.create(aJob()),
        await jobs.create(aJob()),
        await jobs.create(aJob(), aKey()),
        await jobs.create(aJob(), aKey()),
      ];
      expect(new Set(results.map(({ job }) => job.id)).size).toBe(4);
      expect(results.every(({ created }) => created)).toBe(true);
    });

    test("a deleted job's key is free, and its job does not come back by it", async () => {
      const key = aKey();
      const first = await jobs.create(aJob(), key);
      await jobs.delete(first.job.id);
      const again = await jobs.create(aJob(), { ...key, request: 'image two' });
      expect(again.created).toBe(true);
      expect(again.job.id).not.toBe(first.job.id);
      expect(await jobs.read(first.job.id)).toBeUndefined();
    });

    test('deleting an old job leaves the key to the job that has it now', async () => {
      const key = aKey();
      const first = await jobs.create(aJob({ createdAt: inSeconds(-90_000) }), key);
      const second = await jobs.create(aJob(), key);
      await jobs.delete(first.job.id);
      expect(await jobs.create(aJob(), key)).toEqual({ created: false, job: second.job });
    });

    test('the key of a job that is no longer kept is free', async () => {
      const key = aKey();
      const first = await jobs.create(aJob({ createdAt: inSeconds(-90_000) }), key);
      const second = await jobs.create(aJob(), key);
      expect(second.created).toBe(true);
      expect(second.job.id).not.toBe(first.job.id);
    });
  });
}
