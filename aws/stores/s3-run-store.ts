import { HeadObjectCommand, NotFound, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { RunStore } from '../../functions/label/ports.ts';
import { encodePart, partKey, type RunPart, splitKey } from '../../functions/label/run-part.ts';
import type { LabelDocument } from '../../functions/shared/label-document.ts';
import type { JobQueue } from '../../functions/shared/ports.ts';

/** Runs over many objects: their parts in a bucket, their messages in the queue of dropped objects. */
export class S3RunStore implements RunStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #queue: Pick<JobQueue, 'send'>;

  constructor(client: S3Client, bucket: string, queue: Pick<JobQueue, 'send'>) {
    this.#client = client;
    this.#bucket = bucket;
    this.#queue = queue;
  }

  async write(part: RunPart, documents: readonly LabelDocument[]): Promise<void> {
    await this.#put(partKey(part), encodePart(documents), 'application/gzip');
  }

  async isSplit(part: RunPart): Promise<boolean> {
    // One object is never split.
    if (part.objects.length === 1) return false;
    try {
      await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: splitKey(part) }));
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  async markSplit(part: RunPart): Promise<void> {
    await this.#put(splitKey(part), new Uint8Array(), 'application/octet-stream');
  }

  send(part: RunPart): Promise<void> {
    return this.#queue.send(JSON.stringify(part));
  }

  async #put(Key: string, Body: Uint8Array, ContentType: string): Promise<void> {
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key, Body, ContentType }));
  }
}
