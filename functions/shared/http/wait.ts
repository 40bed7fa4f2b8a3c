import { hasEnded, type Job, jobAsOf } from '../job.ts';
import { limits } from '../limits.ts';
import type { JobStore } from '../ports.ts';

/**
 * Waits until a job has ended, but no longer than `seconds` nor than the function may live, less what answering takes.
 * Resolves to the newest state seen; `undefined` where there is no such job (any more).
 */
export async function waitForEnd(
  jobs: JobStore,
  id: string,
  { seconds, remainingMilliseconds }: { seconds: number; remainingMilliseconds: number },
): Promise<Job | undefined> {
  const milliseconds = Math.min(seconds * 1000, remainingMilliseconds - limits.answerReserveSeconds * 1000);
  // Not `AbortSignal.timeout`: that one is kept for its whole time, however soon the job ends.
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), Math.max(0, milliseconds));
  try {
    let newest: Job | undefined;
    for await (const job of jobs.watch(id, timeout.signal)) {
      newest = job;
      if (hasEnded(job)) return job;
    }
    return timeout.signal.aborted ? (newest ?? (await readJob(jobs, id))) : undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** The job as it stands, its deadline applied. */
export async function readJob(jobs: JobStore, id: string): Promise<Job | undefined> {
  const job = await jobs.read(id);
  return job && jobAsOf(job, new Date());
}
