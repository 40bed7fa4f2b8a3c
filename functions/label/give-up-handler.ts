import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readObjects } from './handler.ts';
import { failObject } from './label-object.ts';
import { failPart } from './label-part.ts';
import type { LabelPorts } from './ports.ts';
import { readRunPart } from './run-part.ts';

/** What giving up needs: no bucket to read, and no model. */
export type GiveUpPorts = Pick<LabelPorts, 'labels' | 'runs' | 'announcer' | 'settings' | 'telemetry'>;

const gaveUp = {
  code: 'gave_up',
  detail: 'The image could not be labelled after several attempts. Put it into storage again.',
} as const;

/** The label function's dead-letter function: writes why an object has no labels after the last delivery. */
export function giveUpHandler(
  ports: GiveUpPorts,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
    const failures = await Promise.all(Records.map((record) => giveUp(record, ports)));
    return { batchItemFailures: failures.flat() };
  });
}

async function giveUp(record: SQSRecord, ports: GiveUpPorts): Promise<SQSBatchResponse['batchItemFailures']> {
  try {
    const part = readRunPart(record.body);
    if (part !== undefined) await failPart(part, gaveUp, ports);
    else for (const object of readObjects(record, ports)) await failObject(object, gaveUp, ports);
    return [];
  } catch (error) {
    ports.telemetry.error('object could not be given up', error);
    return [{ itemIdentifier: record.messageId }];
  }
}
