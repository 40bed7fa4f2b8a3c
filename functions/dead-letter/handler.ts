import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { errorOf } from '../shared/errors.ts';
import { type StoredObject, storedObjects } from '../shared/object-event.ts';
import type { Ports } from '../shared/ports.ts';
import { metrics } from '../shared/telemetry.ts';

/** What this function needs. */
type DeadLetterPorts = Pick<Ports, 'jobs' | 'images' | 'telemetry'>;

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

/** A message nobody can read must not come back for ever. */
function read(record: SQSRecord, { telemetry }: DeadLetterPorts): StoredObject[] {
  try {
    return storedObjects(record.body);
  } catch (error) {
    telemetry.count(metrics.messagesUnreadable);
    telemetry.error(`message ${record.messageId} is of no known form`, error);
    return [];
  }
}

async function giveUp({ key, jobId }: StoredObject, { jobs, images, telemetry }: DeadLetterPorts) {
  const { applied, job } = await jobs.transition(jobId, {
    to: 'failed',
    at: new Date(),
    error: errorOf('gave_up'),
  });
  if (job === undefined) return images.delete(key);
  if (!applied) return;
  telemetry.count(metrics.jobsGivenUp);
  telemetry.forJob(jobId).warn('job given up', { attempts: job.attempts });
}
