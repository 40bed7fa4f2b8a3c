import type { Job } from '../shared/job.ts';

/**
 * Where the time of a request went, for `Server-Timing` (https://www.w3.org/TR/server-timing/), in milliseconds: `store` until
 * the image was stored and queued, `queue` until work on it began, then the steps of the work.
 */
export function serverTiming(job: Job, storeMilliseconds: number): string {
  const queue =
    job.startedAt === undefined
      ? undefined
      : Math.max(0, Date.parse(job.startedAt) - Date.parse(job.createdAt) - storeMilliseconds);
  return Object.entries({ store: storeMilliseconds, queue, ...job.timings })
    .flatMap(([name, duration]) => (duration === undefined ? [] : [`${name};dur=${duration.toFixed(1)}`]))
    .join(', ');
}
