import type { Label } from '../../client/client.ts';

/** What became of one file: its labels, best first, or why it has none. */
export interface FileResult {
  readonly file: string;
  readonly labels?: readonly Label[];
  /** Where several models were asked: the labels of each, by its name. */
  readonly results?: Readonly<Record<string, readonly Label[]>>;
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
  /** What the models are called by that are asked, where they are several. */
  readonly models?: readonly string[] | undefined;
  readonly classify: ClassifyFile;
}

/** What was seen in an image, by one model or by each of several. */
interface Seen {
  readonly predictions?: readonly Label[] | undefined;
  readonly results?: Readonly<Record<string, { readonly predictions: readonly Label[] }>> | undefined;
}

/** The labels that were asked for, of each model where they are several. */
export function chooseFrom(
  { predictions = [], results }: Seen,
  chosen: Choice,
): Pick<FileResult, 'labels' | 'results'> {
  if (results === undefined) return { labels: chooseLabels(predictions, chosen) };
  const entries = Object.entries(results).map(([name, seen]) => [
    name,
    chooseLabels(seen.predictions, chosen),
  ]);
  return { results: Object.fromEntries(entries) };
}

interface Choice {
  readonly top: number;
  readonly minScore: number;
}

/** The labels that were asked for, best first. */
export function chooseLabels(predictions: readonly Label[], { top, minScore }: Choice): Label[] {
  return predictions
    .slice(0, top)
    .filter(({ score }) => score >= minScore)
    .map(({ label, score }) => ({ label, score }));
}
