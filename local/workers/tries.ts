import { WorkerGone } from './worker-process.ts';

/** An image that has ended so many workers ends no more. */
export const mostTries = 3;

/**
 * Classifies again where a worker ended: another image may have been the reason.
 * @throws {WorkerGone} after the last try; whatever else is thrown comes at once.
 */
export async function withTries<Result>(classify: () => Promise<Result>, tries = 1): Promise<Result> {
  try {
    return await classify();
  } catch (error) {
    if (error instanceof WorkerGone && tries < mostTries) return withTries(classify, tries + 1);
    throw error;
  }
}
