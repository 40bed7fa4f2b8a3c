import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { DroppedObject } from '../../functions/label/dropped-objects.ts';
import type { LabelPlace, LabelStore, StoredLabels } from '../../functions/label/ports.ts';
import { type LabelDocument, labelDocument, labelName } from '../../functions/shared/label-document.ts';
import { labelsPrefix } from '../../functions/shared/object-event.ts';

/** The longest key that S3 takes, in bytes. */
const mostKeyBytes = 1024;

/**
 * Label documents in a bucket, at `labels/<bucket>/<key>.json`. Conditional writes keep two functions from overwriting each other.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export class S3LabelStore implements LabelStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async read(object: DroppedObject): Promise<StoredLabels | undefined> {
    try {
      const place = this.#placeOf(object);
      const { Body, ETag = '' } = await this.#client.send(new GetObjectCommand(place));
      const document = labelDocument.safeParse(JSON.parse((await Body?.transformToString()) ?? ''));
      // What is of another form is replaced like an older document.
      const nothingKnown = { object: { key: object.key }, labelledAt: '' };
      return {
        document: document.data ?? nothingKnown,
        tag: ETag,
        place: { bucket: place.Bucket, key: place.Key },
      };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async write(
    object: DroppedObject,
    document: LabelDocument,
    replaces: string | undefined,
  ): Promise<LabelPlace | undefined> {
    const place = this.#placeOf(object);
    const condition = replaces === undefined ? { IfNoneMatch: '*' } : { IfMatch: replaces };
    const body = { Body: JSON.stringify(document), ContentType: 'application/json' };
    try {
      await this.#client.send(new PutObjectCommand({ ...place, ...body, ...condition }));
      return { bucket: place.Bucket, key: place.Key };
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  #placeOf({ bucket, key }: DroppedObject): { Bucket: string; Key: string } {
    const start = `${labelsPrefix}${bucket}/`;
    return {
      Bucket: this.#bucket,
      Key: `${start}${labelName(key, mostKeyBytes - Buffer.byteLength(start))}`,
    };
  }
}

/** Somebody else wrote or deleted the document meanwhile. */
function isConflict(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'].includes(error.name);
}
