import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { RunPart } from '../../functions/label/run-part.ts';
import { patiently } from './patience.ts';

/** Of one call; their messages together may have 256 KiB. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export const partsInBatch = 10;
/** Messages that may wait in the queue: more would only grow older there. */
const mostWaiting = 10_000;

/** Sends parts, each at least once: those that the queue did not take are sent again. */
export async function sendParts(
  client: SQSClient,
  queueUrl: string,
  parts: readonly RunPart[],
): Promise<void> {
  let left = parts;
  while (left.length > 0) {
    const Entries = left.map((part, index) => ({ Id: String(index), MessageBody: JSON.stringify(part) }));
    const { Failed = [] } = await patiently(() =>
      client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
    );
    const failed = new Set(Failed.map(({ Id }) => Id));
    left = left.filter((_, index) => failed.has(String(index)));
    if (left.length > 0) await sleep(1000);
  }
}

/** Waits while the queue is full. */
export async function waitForRoom(
  client: SQSClient,
  queueUrl: string,
  say: (line: string) => void,
): Promise<void> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  for (let rounds = 0; ; rounds++) {
    const { Attributes } = await patiently(() => client.send(command));
    const waiting = Number(Attributes?.ApproximateNumberOfMessages ?? 0);
    if (waiting < mostWaiting) return;
    if (rounds === 0) say(`${waiting} messages wait in the queue: waiting until there are fewer.`);
    await sleep(5000);
  }
}

/** Lets at most so many objects a second pass. */
export function rateLimit(perSecond: number | undefined) {
  const began = performance.now();
  let passed = 0;
  return async (objects: number): Promise<void> => {
    passed += objects;
    if (perSecond === undefined) return;
    const due = began + (passed / perSecond) * 1000;
    await sleep(Math.max(0, due - performance.now()));
  };
}
