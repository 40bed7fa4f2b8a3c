import { hasEnded, type Job, jobAsOf } from '../job.ts';
import { limits } from '../limits.ts';
import type { JobStore } from '../ports.ts';
import type { HttpRequest } from './request.ts';

/** How long to wait for a job, in milliseconds: as long as the client cares to, and the function has time left to answer. */
export function waitMilliseconds(seconds: number, { remainingMilliseconds }: HttpRequest): number {
  const reserve = limits.answerReserveSeconds * 1000;
  return Math.max(0, Math.min(seconds * 1000, remainingMilliseconds() - reserve));
}

/**
 * Waits until a job has ended, for at most so many milliseconds.
 * Resolves to the newest state seen, or to `undefined` where the job does not exist or was deleted.
 */
export async function waitForEnd(jobs: JobStore, id: string, milliseconds: number): Promise<Job | undefined> {
  // Not `AbortSignal.timeout`: that one stays in memory for its whole time, even if the job ends at once.
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), milliseconds);
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
