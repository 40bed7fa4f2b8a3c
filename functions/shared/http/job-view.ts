import { hasEnded, type Job, type Prediction } from '../job.ts';
import type { Selection } from './parameters.ts';

export function select(predictions: readonly Prediction[], { top, threshold }: Selection): Prediction[] {
  return predictions.slice(0, top).filter(({ score }) => score >= threshold);
}

/** The status document: the job, with the predictions asked for. */
export function jobView(job: Job, chosen: Selection): Job {
  return job.predictions === undefined ? job : { ...job, predictions: select(job.predictions, chosen) };
}

/** Asks a client that polls to come again, until the job has ended. */
export function retryAfter(job: Job): Record<string, string> {
  return hasEnded(job) ? {} : { 'Retry-After': '1' };
}
