import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { limits } from '../shared/limits.ts';
import { readMessage, storedObjects } from '../shared/object-event.ts';
import { giveBack, receiveCount } from '../shared/redelivery.ts';
import { imageReserveSeconds } from '../shared/settings.ts';
import { type ClassifyPorts, processImage } from './process-image.ts';

type JobPorts = Pick<ClassifyPorts<never>, 'jobs' | 'settings'>;

export type ClassifyHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * The classify function: takes a batch of messages about stored images and answers which of them must come again
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html). What it has no time left to finish, if
 * the next image takes as long as the slowest one before it, goes back to the queue at no cost but a delivery.
 */
export function classifyHandler<Image>(ports: ClassifyPorts<Image>): ClassifyHandler {
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }, context) => {
    const { now, later } = await divide(oldestFirst(Records), ports);
    await Promise.all(later.map((record) => giveBack(record, ports, 0)));
    const unfinished = [...later];
    let needed = imageReserveSeconds * 1000;
    for (const record of now) {
      const left = context.getRemainingTimeInMillis();
      const done = left > needed ? await classify(record, ports) : await giveBack(record, ports, 0);
      needed = Math.max(needed, left - context.getRemainingTimeInMillis());
      if (!done) unfinished.push(record);
    }
    return { batchItemFailures: unfinished.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
}

/**
 * An image whose last try did not end may crash the function, or need all of its time: it is tried alone, and the others go back
 * before it begins.
 */
async function divide(records: readonly SQSRecord[], ports: JobPorts) {
  const suspected = await Promise.all(records.map((record) => isSuspect(record, ports)));
  const suspect = records.find((_, index) => suspected[index]);
  return suspect === undefined
    ? { now: records, later: [] }
    : { now: [suspect], later: records.filter((record) => record !== suspect) };
}

/** A first delivery is taken to be the first try, so that nothing is read for it. */
async function isSuspect(record: SQSRecord, { jobs, settings }: JobPorts): Promise<boolean> {
  if (receiveCount(record) === 1) return false;
  try {
    const found = await Promise.all(storedObjects(record.body).map(({ jobId }) => jobs.read(jobId)));
    // A job whose tries are used up is not tried again.
    return found.some(
      (job) => job?.status === 'processing' && job.attempts > 0 && job.attempts < settings.maxTries,
    );
  } catch {
    // An unreadable message, or a table that cannot be reached: processing will tell.
    return false;
  }
}

/** Resolves to whether the message is done with. */
async function classify<Image>(record: SQSRecord, ports: ClassifyPorts<Image>): Promise<boolean> {
  const { telemetry } = ports;
  try {
    for (const object of readMessage(record, telemetry)) await processImage(object, ports);
    return true;
  } catch (error) {
    telemetry.error('message will be delivered again', error);
    return giveBack(record, ports, retrySeconds(receiveCount(record)));
  }
}

function oldestFirst(records: readonly SQSRecord[]): SQSRecord[] {
  return records.toSorted((a, b) => Number(a.attributes.SentTimestamp) - Number(b.attributes.SentTimestamp));
}

/**
 * Exponential back-off with full jitter, in whole seconds as SQS takes them: at most 2 s after the first delivery, at most a
 * minute after many. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
function retrySeconds(receives: number): number {
  return Math.round(Math.random() * Math.min(2 ** receives, limits.longestRetrySeconds));
}
