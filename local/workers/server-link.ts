import type { Transition } from '../../functions/shared/job.ts';
import type { JobQueue, JobStore, TransitionResult } from '../../functions/shared/ports.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** A worker's ports to the database and the queue, which the server process owns. */
export interface ServerLink {
  readonly jobs: Pick<JobStore, 'transition'>;
  readonly queue: Pick<JobQueue, 'changeVisibility'>;
  readonly tell: (message: FromWorker) => void;
  /** Hands the server's answer to the call that waits for it. */
  readonly settle: (message: Extract<ToWorker, { type: 'result' }>) => void;
}

export function linkToServer(send: (message: FromWorker) => void): ServerLink {
  const waiting = new Map<number, (result: TransitionResult) => void>();
  let calls = 0;
  return {
    jobs: {
      transition: (id: string, transition: Transition) =>
        new Promise((resolve) => {
          const call = ++calls;
          waiting.set(call, resolve);
          send({ type: 'transition', call, id, transition });
        }),
    },
    queue: {
      changeVisibility: async (receiptHandle, seconds) =>
        send({ type: 'visibility', receiptHandle, seconds }),
    },
    tell: send,
    settle: ({ call, result }) => {
      waiting.get(call)?.(result);
      waiting.delete(call);
    },
  };
}
