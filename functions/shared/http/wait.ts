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
  const timeout = AbortSignal.timeout(Math.max(0, Math.floor(milliseconds)));
  let newest: Job | undefined;
  for await (const job of jobs.watch(id, timeout)) {
    newest = job;
    if (hasEnded(job)) return job;
  }
  return timeout.aborted ? (newest ?? readJob(jobs, id)) : undefined;
}

/** The job as it stands, its deadline applied. */
export async function readJob(jobs: JobStore, id: string): Promise<Job | undefined> {
  const job = await jobs.read(id);
  return job && jobAsOf(job, new Date());
}
