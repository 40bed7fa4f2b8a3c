import { errorOf } from './errors.ts';
import type { Job, Transition } from './job.ts';
import type { Telemetry } from './ports.ts';
import { metrics } from './telemetry.ts';

/** The end of a job whose tries are used up, or whose message was delivered as often as the queue allows. */
export function givingUp(): Transition {
  return { to: 'failed', at: new Date(), error: errorOf('gave_up') };
}

export function reportGivenUp(job: Job, telemetry: Telemetry): void {
  telemetry.count(metrics.jobsGivenUp);
  telemetry.warn('job given up', { attempts: job.attempts });
}
