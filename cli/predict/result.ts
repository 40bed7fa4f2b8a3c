import type { Label } from '../../client/client.ts';

/** What became of one file: its labels, best first, or why it has none. */
export interface FileResult {
  readonly file: string;
  readonly labels?: readonly Label[];
  readonly error?: { readonly code: string; readonly detail: string };
}

/**
 * Classifies one file. What is wrong with the file is its result.
 * @throws {Error} where no file can be classified any more.
 */
export type ClassifyFile = (file: string) => Promise<FileResult>;

/** A way to classify files, and how many it takes at once. */
export interface Engine extends AsyncDisposable {
  readonly concurrency: number;
  readonly classify: ClassifyFile;
}

/** The labels that were asked for, best first. */
export function chooseLabels(
  predictions: readonly Label[],
  { top, minScore }: { readonly top: number; readonly minScore: number },
): Label[] {
  return predictions
    .slice(0, top)
    .filter(({ score }) => score >= minScore)
    .map(({ label, score }) => ({ label, score }));
}
