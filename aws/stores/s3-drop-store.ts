import { GetObjectCommand, NoSuchKey, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { DroppedObject } from '../../functions/label/dropped-objects.ts';
import type { DropStore, ReadObject } from '../../functions/label/ports.ts';
import { imageLimits } from '../../functions/shared/limits.ts';

/** The longest that reading an image may take with its body, in milliseconds. */
const readMilliseconds = 20_000;

/** Answers of S3 that another try would only repeat. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const refusals: Readonly<Record<string, { readonly code: string; readonly detail: string }>> = {
  AccessDenied: {
    code: 'access_denied',
    detail:
      'The service may not read this object. Allow its role s3:GetObject under this prefix and, where the object is encrypted with a key of your own, kms:Decrypt with that key.',
  },
  InvalidObjectState: {
    code: 'archived',
    detail: 'The object is archived. Restore it, then put it into storage again.',
  },
  PermanentRedirect: {
    code: 'other_region',
    detail: 'The bucket is in another region. Deploy the service in that region to label what it holds.',
  },
};

/** Objects that somebody put into S3, as long as they are what their event spoke of. */
export class S3DropStore implements DropStore {
  readonly #client: S3Client;

  constructor(client: S3Client) {
    this.#client = client;
  }

  async read(object: DroppedObject): Promise<ReadObject> {
    if ((object.size ?? 0) > imageLimits.bytes) return { error: tooLarge(object.size ?? 0) };
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(), readMilliseconds);
    try {
      return await this.#get(object, abort);
    } catch (error) {
      const known = outcomeOf(error);
      if (known !== undefined) return known;
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async #get({ bucket, key, versionId, eTag }: DroppedObject, abort: AbortController): Promise<ReadObject> {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(versionId !== undefined && { VersionId: versionId }),
      // Another content has an event of its own.
      ...(eTag !== undefined && { IfMatch: `"${eTag}"` }),
    });
    const { Body, ContentLength = 0 } = await this.#client.send(command, { abortSignal: abort.signal });
    if (Body === undefined) throw new Error(`Storage answered without a body for ${bucket}/${key}.`);
    if (ContentLength > imageLimits.bytes) {
      abort.abort();
      return { error: tooLarge(ContentLength) };
    }
    return { image: { bytes: await Body.transformToByteArray() } };
  }
}

function outcomeOf(error: unknown): ReadObject | undefined {
  if (error instanceof NoSuchKey) return { gone: 'deleted' };
  if (!(error instanceof S3ServiceException)) return undefined;
  if (error.name === 'NoSuchVersion' || error.name === 'NotFound') return { gone: 'deleted' };
  // A delete marker is asked for by its version.
  if (error.name === 'MethodNotAllowed') return { gone: 'deleted' };
  if (error.name === 'PreconditionFailed') return { gone: 'overwritten' };
  const refusal = refusals[error.name];
  return refusal && { error: refusal };
}

function tooLarge(bytes: number): { code: string; detail: string } {
  const [actual, most] = [bytes, imageLimits.bytes].map((size) => `${(size / 2 ** 20).toFixed(1)} MiB`);
  return { code: 'image_too_large', detail: `The image is ${actual}: store one of at most ${most}.` };
}
