import type { Classification } from '../../layers/model/run/classifier.ts';
import type { ImageErrorCode } from '../../layers/model/run/errors.ts';
import type { LargeJpegs } from '../../layers/model/run/input.ts';
import type { ImagePath } from '../stores/image-file.ts';

/** From the server to a worker, once: what it works with. */
export interface Setup {
  readonly modelDir: string;
  /** Whether the network runs on one thread always. Otherwise each image says how many it may have. */
  readonly oneThread: boolean;
  readonly largeJpegs: LargeJpegs;
  /** How many of the best classes to answer with. */
  readonly keptPredictions: number;
}

/** From the server to a worker: an image to classify. `threads` is what the network may take from now on. */
export interface Order extends ImagePath {
  readonly call: number;
  /** What the models are called by that are to see it; the default one where nothing is said. */
  readonly models?: readonly string[] | undefined;
  readonly threads: 1 | 2;
}

/** From a worker to the server: that it can begin, then what became of each call. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'classified'; readonly call: number; readonly classification: Classification }
  | {
      readonly type: 'refused';
      readonly call: number;
      readonly code: ImageErrorCode;
      readonly message: string;
    }
  | { readonly type: 'failed'; readonly call: number; readonly message: string };
