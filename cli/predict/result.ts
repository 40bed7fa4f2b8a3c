/** What became of one file. */
export interface FileResult {
  readonly file: string;
  readonly labels?: readonly { readonly label: string; readonly score: number }[];
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
