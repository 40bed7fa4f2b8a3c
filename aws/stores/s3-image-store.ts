import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { Problem } from '../../functions/shared/errors.ts';
import { limits } from '../../functions/shared/limits.ts';
import type { ImageStore, StoredImage, UploadForm, UploadTerms } from '../../functions/shared/ports.ts';

export interface S3ImageStoreOptions {
  readonly bucket: string;
  /** The largest image that is read into memory, in bytes. */
  readonly maxBytes?: number;
  /** How long reading an image and its body may take, in milliseconds. The SDK's own time-outs cover the headers only. */
  readonly readMilliseconds?: number;
}

/** Images in an S3 bucket. */
export class S3ImageStore implements ImageStore<StoredImage> {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #maxBytes: number;
  readonly #readMilliseconds: number;

  constructor(client: S3Client, options: S3ImageStoreOptions) {
    this.#client = client;
    this.#bucket = options.bucket;
    this.#maxBytes = options.maxBytes ?? limits.uploadedImageBytes;
    this.#readMilliseconds = options.readMilliseconds ?? 10_000;
  }

  async put(key: string, image: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: image }));
  }

  /** @throws {Problem} `image_too_large` where the object is larger than any upload may be. */
  async get(key: string): Promise<StoredImage | undefined> {
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(), this.#readMilliseconds);
    try {
      return await this.#read(key, abort);
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      if (!abort.signal.aborted || error instanceof Problem) throw error;
      throw new Error(`Storage did not deliver ${key} in ${this.#readMilliseconds} ms.`, { cause: error });
    } finally {
      clearTimeout(late);
    }
  }

  async exists(key: string): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }

  /**
   * Signs a form. Storage compares every field with the policy.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
   */
  presignUpload({ key, contentType, maxBytes, expiresAt }: UploadTerms): Promise<UploadForm> {
    return createPresignedPost(this.#client, {
      Bucket: this.#bucket,
      Key: key,
      Fields: { 'Content-Type': contentType },
      Conditions: [['content-length-range', 1, maxBytes]],
      Expires: Math.floor((expiresAt.getTime() - Date.now()) / 1000),
    });
  }

  async #read(key: string, abort: AbortController): Promise<StoredImage> {
    const { Body, ContentLength = 0 } = await this.#client.send(
      new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
      { abortSignal: abort.signal },
    );
    if (Body === undefined) throw new Error(`Storage answered without a body for ${key}.`);
    if (ContentLength > this.#maxBytes) {
      abort.abort();
      throw tooLarge(ContentLength, this.#maxBytes);
    }
    return { bytes: await Body.transformToByteArray() };
  }
}

function tooLarge(bytes: number, maxBytes: number): Problem {
  return new Problem('image_too_large', `The image has ${bytes} bytes: send one of at most ${maxBytes}.`);
}
