import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { givingUp, reportGivenUp } from '../shared/give-up.ts';
import { readMessage, type StoredObject } from '../shared/object-event.ts';
import type { Ports } from '../shared/ports.ts';

/** What this function needs, and no more. */
interface DeadLetterPorts {
  readonly jobs: Pick<Ports['jobs'], 'transition'>;
  readonly images: Pick<Ports['images'], 'delete'>;
  readonly telemetry: Ports['telemetry'];
}

export type DeadLetterHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** The dead-letter function: fails the jobs whose images were delivered as often as the queue allows. */
export function deadLetterHandler(ports: DeadLetterPorts): DeadLetterHandler {
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
    const results = await Promise.all(Records.map((record) => giveUpAll(record, ports)));
    return { batchItemFailures: results.flat() };
  });
}

async function giveUpAll(record: SQSRecord, ports: DeadLetterPorts) {
  try {
    for (const object of read(record, ports)) await giveUp(object, ports);
    return [];
  } catch (error) {
    ports.telemetry.error('job could not be failed', error);
    return [{ itemIdentifier: record.messageId }];
  }
}

/** An unreadable message must not come back forever. It has been counted, and its content is in the log. */
function read(record: SQSRecord, { telemetry }: DeadLetterPorts): StoredObject[] {
  try {
    return readMessage(record, telemetry);
  } catch {
    return [];
  }
}

async function giveUp({ key, jobId }: StoredObject, { jobs, images, telemetry }: DeadLetterPorts) {
  const { applied, job } = await jobs.transition(jobId, givingUp());
  if (job === undefined) return images.delete(key);
  if (applied) reportGivenUp(job, telemetry.forJob(jobId));
}
