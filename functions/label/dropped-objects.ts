import * as z from 'zod';
import { decodeKey } from '../shared/object-event.ts';

/** An object that somebody put into storage, as the event about it names it. */
export interface DroppedObject {
  readonly bucket: string;
  readonly key: string;
  /** Bytes. */
  readonly size: number | undefined;
  readonly eTag: string | undefined;
  readonly versionId: string | undefined;
  readonly sequencer: string | undefined;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html: keys are URL-encoded. */
const s3Record = z
  .object({
    eventName: z.string().startsWith('ObjectCreated:'),
    s3: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({
        key: z.string().transform((key) => decodeKey(key)),
        size: z.number().optional(),
        eTag: z.string().optional(),
        versionId: z.string().optional(),
        sequencer: z.string().optional(),
      }),
    }),
  })
  .transform(({ s3: { bucket, object } }) => toObject(bucket.name, object));
const s3Notification = z.object({ Records: z.array(z.unknown()) });
const s3TestEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html: keys are plain, names are in other words. */
const busEvent = z
  .object({
    source: z.literal('aws.s3'),
    'detail-type': z.literal('Object Created'),
    detail: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({
        key: z.string(),
        size: z.number().optional(),
        etag: z.string().optional(),
        'version-id': z.string().optional(),
        sequencer: z.string().optional(),
      }),
    }),
  })
  .transform(({ detail: { bucket, object } }) =>
    toObject(bucket.name, { ...object, eTag: object.etag, versionId: object['version-id'] }),
  );

/**
 * The objects that a message speaks of, from S3's own notification or from EventBridge. Empty for S3's test event and for events of
 * another kind, such as a deletion.
 * @throws {Error} where the message is of no known form.
 */
export function droppedObjects(message: string): DroppedObject[] {
  const body: unknown = JSON.parse(message);
  if (s3TestEvent.safeParse(body).success) return [];
  const event = busEvent.safeParse(body);
  if (event.success) return [event.data];
  return s3Notification.parse(body).Records.flatMap((record) => s3Record.safeParse(record).data ?? []);
}

interface NamedObject extends Partial<Omit<DroppedObject, 'bucket' | 'key'>> {
  readonly key: string;
}

function toObject(bucket: string, { key, size, eTag, versionId, sequencer }: NamedObject): DroppedObject {
  return { bucket, key, size, eTag, versionId, sequencer };
}

/**
 * Whether an event is older than another about the same key. Sequencers are hexadecimal numbers of different lengths, to be compared
 * with zeros added to the shorter one's end.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function isOlder(sequencer: string | undefined, other: string | undefined): boolean {
  if (sequencer === undefined || other === undefined) return false;
  const length = Math.max(sequencer.length, other.length);
  return sequencer.padEnd(length, '0') < other.padEnd(length, '0');
}
