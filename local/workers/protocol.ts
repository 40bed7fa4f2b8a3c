import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Transition } from '../../functions/shared/job.ts';
import type { TransitionResult } from '../../functions/shared/ports.ts';

/** From the server to a worker. `threads` is what the network may take while this batch is worked on. */
export type ToWorker =
  | {
      readonly type: 'batch';
      readonly event: SQSEvent;
      readonly threads: 1 | 2;
      readonly timeoutSeconds: number;
    }
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
  | { readonly type: 'answer'; readonly response: SQSBatchResponse };
