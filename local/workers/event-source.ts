import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { QueueMessage } from '../../functions/shared/ports.ts';
import { log } from '../log.ts';
import type { LocalJobQueue } from '../stores/job-queue.ts';

/** Works on one batch of messages and says which of them failed; rejects where all did. */
export type Invoke = (event: SQSEvent) => Promise<SQSBatchResponse>;

export interface EventSourceLimits {
  readonly batchSize: number;
  /** How many batches are worked on at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/**
 * What Lambda's event source mapping does for a function: receives, invokes, and deletes what succeeded. Runs until `signal`
 * aborts; resolves when the last batch is done.
 */
export async function runEventSource(
  queue: LocalJobQueue,
  invoke: Invoke,
  { batchSize, concurrency, signal }: EventSourceLimits,
): Promise<void> {
  const receiver = async () => {
    while (!signal.aborted) await receiveOnce(queue, invoke, { batchSize, signal });
  };
  await Promise.all(Array.from({ length: concurrency }, receiver));
}

/** Never rejects: whatever fails, a full disk for example, the messages come again. */
async function receiveOnce(
  queue: LocalJobQueue,
  invoke: Invoke,
  { batchSize, signal }: Omit<EventSourceLimits, 'concurrency'>,
): Promise<void> {
  try {
    const messages = await queue.receive({ max: batchSize, waitSeconds: 60, signal });
    if (messages.length > 0) await deliver(queue, invoke, messages);
  } catch (error) {
    log.error({ err: error }, 'the queue cannot be read or written');
    await sleep(pauseMilliseconds);
  }
}

async function deliver(
  queue: LocalJobQueue,
  invoke: Invoke,
  messages: readonly QueueMessage[],
): Promise<void> {
  try {
    const { batchItemFailures } = await invoke({ Records: messages.map(toRecord) });
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { messageId, receiptHandle } of messages) {
      if (!failed.has(messageId)) await queue.delete(receiptHandle);
    }
  } catch (error) {
    log.error({ err: error }, 'its images will be tried again');
    for (const { receiptHandle } of messages) await queue.changeVisibility(receiptHandle, retrySeconds);
    await sleep(pauseMilliseconds);
  }
}

/** After a crash the next try waits a moment: the fault may be passing. */
const retrySeconds = 1;
const pauseMilliseconds = 200;

function toRecord({ messageId, receiptHandle, body, receiveCount }: QueueMessage): SQSRecord {
  return {
    messageId,
    receiptHandle,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: '0',
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'local',
    awsRegion: 'local',
  };
}
