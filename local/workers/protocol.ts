import type { ProblemCode } from '../../functions/shared/errors.ts';
import type { Classification } from '../../layers/model/run/classifier.ts';

/** From the server to a worker: an image to classify. `threads` is what the network may take from now on. */
export interface Order {
  readonly call: number;
  readonly path: string;
  readonly threads: 1 | 2;
}

/** From a worker to the server: that it can begin, then what became of each call. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'classified'; readonly call: number; readonly classification: Classification }
  | { readonly type: 'problem'; readonly call: number; readonly code: ProblemCode; readonly detail: string }
  | { readonly type: 'failed'; readonly call: number; readonly message: string };
