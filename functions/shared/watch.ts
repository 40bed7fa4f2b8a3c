import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, type Job, jobAsOf } from './job.ts';

/** Where {@link watchJob} reads a job, and how it learns that reading again is worth it. */
export interface WatchSource {
  read(id: string): Promise<Job | undefined>;
  /**
   * Resolves once the job may have changed since this call. `round` counts the calls of one watch from 0, for stores that can
   * only wait and ask again. When `signal` aborts it gives up by resolving or rejecting.
   */
  changed(id: string, round: number, signal: AbortSignal): Promise<void>;
}

/** The one implementation of `JobStore.watch`. A change between a read and the wait after it is not missed. */
export async function* watchJob(source: WatchSource, id: string, signal: AbortSignal): AsyncGenerator<Job> {
  let seen = 0;
  for (let round = 0; !signal.aborted; round++) {
    const done = new AbortController();
    const stop = AbortSignal.any([signal, done.signal]);
    const changed = source.changed(id, round, stop).catch(ignoreAbort(stop));
    try {
      const stored = await source.read(id);
      if (stored === undefined) return;
      const job = jobAsOf(stored, new Date());
      if (job.version > seen) {
        seen = job.version;
        yield job;
      }
      if (hasEnded(job)) return;
      const deadline = sleep(untilDeadline(job), undefined, { signal: stop }).catch(ignoreAbort(stop));
      await Promise.race([changed, deadline]);
    } finally {
      done.abort();
    }
  }
}

function untilDeadline(job: Job): number {
  return Math.max(1, Date.parse(job.deadline) - Date.now());
}

/** A wait that its signal ended has done its work; any other failure is the watcher's to see. */
function ignoreAbort(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}
