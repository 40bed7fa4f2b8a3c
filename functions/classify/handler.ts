import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { storedObjects } from '../shared/object-event.ts';
import { imageReserveSeconds } from '../shared/settings.ts';
import { type ClassifyPorts, processImage } from './process-image.ts';

export type ClassifyHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * The classify function: takes a batch of messages about stored images and answers which of them must come again
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html). Images that have failed before come last, so
 * that one that crashes the function takes few others with it. What it has no time left to finish goes back to the queue.
 */
export function classifyHandler<Image>(ports: ClassifyPorts<Image>): ClassifyHandler {
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }, context) => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const record of [...Records].sort((a, b) => receiveCount(a) - receiveCount(b))) {
      const done =
        context.getRemainingTimeInMillis() > imageReserveSeconds * 1000
          ? await classify(record, ports)
          : await giveBack(record, ports, 0);
      if (!done) batchItemFailures.push({ itemIdentifier: record.messageId });
    }
    return { batchItemFailures };
  });
}

/** Resolves to whether the message is done with. */
async function classify<Image>(record: SQSRecord, ports: ClassifyPorts<Image>): Promise<boolean> {
  const { telemetry } = ports;
  try {
    for (const object of storedObjects(record.body)) await processImage(object, ports);
    return true;
  } catch (error) {
    telemetry.error('image will be tried again', error);
    return giveBack(record, ports, retrySeconds(receiveCount(record)));
  }
}

/** Makes a message visible again before its time is up. Where that fails it just comes later. Resolves to `false`: it is not done with. */
async function giveBack<Image>(
  record: SQSRecord,
  { queue, telemetry }: ClassifyPorts<Image>,
  seconds: number,
): Promise<false> {
  await queue.changeVisibility(record.receiptHandle, seconds).catch((cause: unknown) => {
    telemetry.warn('visibility not shortened', { cause: String(cause) });
  });
  return false;
}

function receiveCount(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount);
}

/** A passing fault deserves a quick second try, a lasting one more time each try: 1, 2, 4, 8 s. */
function retrySeconds(receives: number): number {
  return 2 ** Math.min(receives - 1, 6);
}
