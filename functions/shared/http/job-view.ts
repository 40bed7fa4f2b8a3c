import { z } from 'zod';
import { hasEnded, type Job, type Prediction } from '../job.ts';
import { limits } from '../limits.ts';

/** Which of a job's predictions a client asks for. */
export const selection = z.object({
  top: z.coerce
    .number('takes a whole number from 1 to 20')
    .int('takes a whole number from 1 to 20')
    .min(1, 'takes a whole number from 1 to 20')
    .max(limits.keptPredictions, 'takes a whole number from 1 to 20')
    .default(limits.defaultTop),
  threshold: z.coerce
    .number('takes a number from 0 to 1')
    .min(0, 'takes a number from 0 to 1')
    .max(1, 'takes a number from 0 to 1')
    .default(0),
});
export type Selection = z.infer<typeof selection>;

export function select(predictions: readonly Prediction[], { top, threshold }: Selection): Prediction[] {
  return predictions.slice(0, top).filter(({ score }) => score >= threshold);
}

/** The status document: the job, with the predictions asked for. */
export function jobView(job: Job, chosen: Selection): Job {
  return job.predictions === undefined ? job : { ...job, predictions: select(job.predictions, chosen) };
}

/** Asks a client that polls to come again, until there is nothing more to come. */
export function retryAfter(job: Job): Record<string, string> {
  return hasEnded(job) ? {} : { 'Retry-After': '1' };
}
