import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Transition } from '../../functions/shared/job.ts';
import type { TransitionResult } from '../../functions/shared/ports.ts';

/** A call of the classify function. `threads` is what the network may take from now on. */
export interface Invocation {
  readonly event: SQSEvent;
  readonly threads: 1 | 2;
  readonly timeoutSeconds: number;
}

/** From the server to a worker; `call` is repeated in the answer. */
export type ToWorker =
  | { readonly type: 'invoke'; readonly call: number; readonly invocation: Invocation }
  | { readonly type: 'result'; readonly call: number; readonly result: TransitionResult };

/** From a worker to the server, which alone writes to the database. */
export type FromWorker =
  | { readonly type: 'ready' }
  | {
      readonly type: 'transition';
      readonly call: number;
      readonly id: string;
      readonly transition: Transition;
    }
  | { readonly type: 'visibility'; readonly receiptHandle: string; readonly seconds: number }
  | { readonly type: 'answer'; readonly call: number; readonly response: SQSBatchResponse };
