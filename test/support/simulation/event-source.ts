import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sqsRecord } from '../aws/emulated-service.ts';
import { context } from '../aws/events.ts';
import type { VirtualClock } from './clock.ts';
import type { SimulatedMessage, SimulatedQueue } from './queue.ts';

/** One run of a function. Nothing that it does after its end has an effect. */
export interface Invocation {
  readonly ended: boolean;
  /** Virtual time for the function; never resolves after its end. */
  sleep(milliseconds: number): Promise<void>;
  /** The process dies, as by a fault in native code. */
  crash(): void;
}

export type Handle = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

export interface EventSourceOptions {
  readonly batchSize: number;
  readonly maxConcurrency: number;
  readonly functionSeconds: number;
  /** Makes the function's handler for one invocation. */
  readonly handler: (invocation: Invocation) => Handle;
}

/** Lambda and its event source mapping: batches, concurrency, the function's time limit, partial batch answers. */
export function simulateEventSource(
  clock: VirtualClock,
  queue: SimulatedQueue,
  options: EventSourceOptions,
): void {
  let running = 0;
  const poll = () => {
    while (running < options.maxConcurrency) {
      const messages = queue.receive(options.batchSize);
      if (messages.length === 0) return;
      running++;
      void invoke(clock, messages, options).then((failed) => {
        running--;
        for (const { messageId, receiptHandle } of messages) {
          if (!failed.has(messageId)) queue.delete(receiptHandle);
        }
        poll();
      });
    }
  };
  queue.onVisible(poll);
}

/** Resolves to the messages that are not done with. */
async function invoke(
  clock: VirtualClock,
  messages: readonly SimulatedMessage[],
  { functionSeconds, handler }: EventSourceOptions,
): Promise<Set<string>> {
  const all = new Set(messages.map(({ messageId }) => messageId));
  const { promise, resolve } = Promise.withResolvers<Set<string>>();
  const until = clock.now + functionSeconds * 1000;
  let ended = false;
  const end = (failed: Set<string>) => {
    ended = true;
    resolve(failed);
  };
  const invocation: Invocation = {
    get ended() {
      return ended;
    },
    async sleep(milliseconds) {
      await clock.sleep(milliseconds);
      if (ended) await new Promise(() => {});
    },
    crash: () => end(all),
  };
  clock.at(until, () => end(all));
  const remaining = { ...context(), getRemainingTimeInMillis: () => until - clock.now };
  handler(invocation)({ Records: messages.map(toRecord) }, remaining).then(
    ({ batchItemFailures }) => end(new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))),
    () => end(all),
  );
  return promise;
}

function toRecord({ receiveCount, ...message }: SimulatedMessage): SQSRecord {
  return sqsRecord({ ...message, receives: receiveCount });
}
