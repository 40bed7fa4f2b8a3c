import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { giveBack, receiveCount } from '../shared/redelivery.ts';
import { imageReserveSeconds } from '../shared/settings.ts';
import { metrics } from '../shared/telemetry.ts';
import { type DroppedObject, droppedObjects } from './dropped-objects.ts';
import { labelObject } from './label-object.ts';
import { labelPart } from './label-part.ts';
import type { LabelPorts } from './ports.ts';
import { readRunPart } from './run-part.ts';

export type LabelHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * The label function: takes messages about objects that somebody put into storage and writes a label document for each. A message that
 * fails is delivered again; what a batch has no time left for goes back to the queue.
 */
export function labelHandler(ports: LabelPorts): LabelHandler {
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }, context) => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    const hasTime = timeKeeper(context);
    for (const record of Records) {
      const isDone = hasTime() ? await label(record, hasTime, ports) : await giveBack(record, ports, 0);
      if (!isDone) batchItemFailures.push({ itemIdentifier: record.messageId });
    }
    return { batchItemFailures };
  });
}

/** Tells whether there is time for another image, if it takes as long as the slowest one since it was asked before. */
function timeKeeper(context: Pick<Context, 'getRemainingTimeInMillis'>): () => boolean {
  let needed = imageReserveSeconds * 1000;
  let before = context.getRemainingTimeInMillis();
  return () => {
    const left = context.getRemainingTimeInMillis();
    needed = Math.max(needed, before - left);
    before = left;
    return left > needed;
  };
}

/** Resolves to whether the message is done with. */
async function label(record: SQSRecord, hasTime: () => boolean, ports: LabelPorts): Promise<boolean> {
  const { telemetry } = ports;
  try {
    const part = readRunPart(record.body);
    if (part !== undefined) await labelPart(part, hasTime, ports);
    else
      for (const object of readObjects(record, ports)) {
        const outcome = await labelObject(object, ports);
        telemetry.count(metrics.drops, { outcome });
        telemetry.info('object handled', { bucket: object.bucket, key: object.key, outcome });
      }
    return true;
  } catch (error) {
    telemetry.error('object will be tried again', error);
    return giveBack(record, ports, retrySeconds(receiveCount(record)));
  }
}

/** A message that nobody can read would only come back again and again. */
export function readObjects(
  record: SQSRecord,
  { telemetry }: Pick<LabelPorts, 'telemetry'>,
): DroppedObject[] {
  try {
    return droppedObjects(record.body);
  } catch (error) {
    telemetry.count(metrics.messagesUnreadable);
    telemetry.error(`message ${record.messageId} is of no known form`, error);
    return [];
  }
}

/**
 * Seconds until the next try, with full jitter: up to 2, 8, 32, 128, then 512. Eight receives ride out ten minutes without storage.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
function retrySeconds(receives: number): number {
  return Math.ceil(Math.random() * 2 * 4 ** Math.min(receives - 1, 4));
}
