import { hasEnded, type Job, jobAsOf } from './job.ts';

/** How {@link watchJob} reads a job, and how it learns that the job may have changed. */
export interface WatchSource {
  read(id: string): Promise<Job | undefined>;
  /**
   * Calls `notify` when the job may have changed since this call, and returns how to stop listening. `round` counts the calls
   * of one watch from 0, for stores that can only let some time pass.
   */
  subscribe(id: string, round: number, notify: () => void): () => void;
}

/** The one implementation of `JobStore.watch`. A change between a read and the wait after it is not missed. */
export async function* watchJob(source: WatchSource, id: string, signal: AbortSignal): AsyncGenerator<Job> {
  let seen = 0;
  for (let round = 0; !signal.aborted; round++) {
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
    const unsubscribe = source.subscribe(id, round, wake);
    const onAbort = () => wake();
    signal.addEventListener('abort', onAbort);
    let deadline: NodeJS.Timeout | undefined;
    try {
      const stored = await source.read(id);
      if (stored === undefined) return;
      const job = jobAsOf(stored, new Date());
      if (job.version > seen) {
        seen = job.version;
        yield job;
      }
      if (hasEnded(job)) return;
      deadline = setTimeout(wake, untilDeadline(job));
      await woken;
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
      unsubscribe();
    }
  }
}

/** Timers wait for at most 2³¹ − 1 ms. A watch that wakes too early waits again. */
function untilDeadline(job: Job): number {
  return Math.min(2 ** 31 - 1, Math.max(1, Date.parse(job.deadline) - Date.now()));
}
