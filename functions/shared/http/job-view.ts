import { hasEnded, type Job, type ModelResult, type Prediction } from '../job.ts';
import type { Selection } from './parameters.ts';

export function select(predictions: readonly Prediction[], { top, threshold }: Selection): Prediction[] {
  return predictions.slice(0, top).filter(({ score }) => score >= threshold);
}

/** The status document: the job, with the predictions asked for. */
export function jobView(job: Job, chosen: Selection): Job {
  const { predictions, results } = job;
  return {
    ...job,
    ...(predictions !== undefined && { predictions: select(predictions, chosen) }),
    ...(results !== undefined && {
      results: eachResult(results, (result) => ({
        ...result,
        predictions: select(result.predictions, chosen),
      })),
    }),
  };
}

/** Something made of what each of several models saw, by name. */
export function eachResult<Made>(
  results: Readonly<Record<string, ModelResult>>,
  make: (result: ModelResult) => Made,
): Record<string, Made> {
  return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, make(result)]));
}

/** Asks a client that polls to come again, until the job has ended. */
export function retryAfter(job: Job): Record<string, string> {
  return hasEnded(job) ? {} : { 'Retry-After': '1' };
}
