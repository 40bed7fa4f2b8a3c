import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { imageFileName } from '../../layers/model/formats.ts';
import { patiently } from './patience.ts';

/** An object as a listing names it. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly eTag: string;
}

export interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** Lists the objects under a prefix that are named like images, in the order of their keys, behind `after` where that is given. */
export async function* listImages(
  client: S3Client,
  place: Place,
  after?: string,
): AsyncGenerator<ListedObject> {
  for await (const object of listObjects(client, place, after)) {
    if (imageFileName.test(object.key)) yield object;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: a thousand at a time, by key. */
export async function* listObjects(
  client: S3Client,
  { bucket, prefix }: Place,
  after?: string,
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      ...(token === undefined ? after !== undefined && { StartAfter: after } : { ContinuationToken: token }),
    });
    const page = await patiently(() => client.send(command));
    for (const { Key, Size = 0, ETag = '' } of page.Contents ?? []) {
      if (Key !== undefined) yield { key: Key, size: Size, eTag: ETag.replaceAll('"', '') };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
