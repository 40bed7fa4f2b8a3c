import * as z from 'zod';
import type { Job } from './job.ts';
import type { Telemetry } from './ports.ts';
import { metrics } from './telemetry.ts';

/**
 * The one form in which an image reaches the classify function: the notification S3 sends for a created object.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
const objectCreated = z.object({
  eventName: z.string().startsWith('ObjectCreated:'),
  eventTime: z.iso.datetime().optional().catch(undefined),
  s3: z.object({ object: z.object({ key: z.string() }) }),
});
const notification = z.object({ Records: z.array(z.unknown()) });
/** What S3 sends once when a notification is configured. */
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** Where the images of each source are stored: `uploads/` notifies the queue by itself, `inline/` does not. */
export const keyPrefixes = { inline: 'inline/', presigned: 'uploads/' } as const;

/** Whatever anybody puts below it is labelled, without a job. */
export const dropPrefix = 'drop/';
/** Where labels of dropped objects are written: `labels/<bucket>/<key>.json`. */
export const labelsPrefix = 'labels/';

const imageKey =
  /^(?:inline|uploads)\/([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;

export interface StoredObject {
  readonly key: string;
  readonly jobId: string;
  /** When the image was stored or, by a redrive, sent again; where the message says so. */
  readonly storedAt?: Date;
}

/** A message as a function is handed it. */
interface DeliveredMessage {
  readonly messageId: string;
  readonly body: string;
}

/** Characters. Enough of an unreadable message to send it again; a notification has about 1,000. */
const loggedBody = 10_000;

export function imageKeyOf({ source, id }: Pick<Job, 'source' | 'id'>): string {
  return `${keyPrefixes[source]}${id}`;
}

/** The message that `POST /predict` and a redrive send for an image in storage. */
export function objectCreatedMessage(key: string, storedAt = new Date()): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        eventTime: storedAt.toISOString(),
        s3: { object: { key: encodeKey(key) } },
      },
    ],
  });
}

/**
 * The images a message speaks of. Empty for S3's test event and for objects that are no job's image.
 * @throws {Error} where the message is of no known form.
 */
export function storedObjects(message: string): StoredObject[] {
  const body: unknown = JSON.parse(message);
  if (testEvent.safeParse(body).success) return [];
  return notification.parse(body).Records.flatMap((record) => {
    const created = objectCreated.safeParse(record);
    return created.success ? toStoredObject(created.data) : [];
  });
}

/**
 * As {@link storedObjects}, for a delivery: an unreadable message is counted, and its content goes to the log.
 * @throws {Error} where the message is of no known form.
 */
export function readMessage({ messageId, body }: DeliveredMessage, telemetry: Telemetry): StoredObject[] {
  try {
    return storedObjects(body);
  } catch (cause) {
    telemetry.count(metrics.messagesUnreadable);
    telemetry.warn('unreadable message', { messageId, body: body.slice(0, loggedBody) });
    throw new Error(`Message ${messageId} is of no known form.`, { cause });
  }
}

function toStoredObject({ eventTime, s3 }: z.infer<typeof objectCreated>): StoredObject[] {
  const key = decodeKey(s3.object.key);
  const jobId = imageKey.exec(key)?.[1];
  if (jobId === undefined) return [];
  return [{ key, jobId, ...(eventTime !== undefined && { storedAt: new Date(eventTime) }) }];
}

/** S3 writes keys as in a URL's query: a space is a plus sign. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}

/** A key as S3 writes it in a notification; empty where it cannot be one. */
export function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return '';
  }
}
