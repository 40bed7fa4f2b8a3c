import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { decodePart } from '../../functions/label/run-part.ts';
import { type LabelDocument, labelDocument } from '../../functions/shared/label-document.ts';
import { labelsPrefix } from '../../functions/shared/object-event.ts';
import { inOrder } from '../predict/in-order.ts';
import { type ListedObject, listObjects, type Place } from './listing.ts';
import { patiently } from './patience.ts';

/** Tells whether an object has labels of its present content already. */
export type IsLabelled = (object: Pick<ListedObject, 'key' | 'eTag'>) => boolean;

const readsAtOnce = 16;

/**
 * Finds what has labels already: in documents of its own, and in the results of earlier runs. Memory holds the keys.
 * @param labelsBucket where labels are kept.
 * @param sha256 the digest of the model whose labels count; without it, any model's do.
 */
export async function findLabelled(
  client: S3Client,
  labelsBucket: string,
  place: Place,
  sha256: string | undefined,
): Promise<IsLabelled> {
  const known = new Set<string>();
  const add = ({ object, model, error }: LabelDocument) => {
    const isOfModel = sha256 === undefined || model?.sha256 === sha256;
    if (object.bucket === place.bucket && error === undefined && isOfModel)
      known.add(idOf(object.key, object.eTag));
  };
  const own = { bucket: labelsBucket, prefix: `${labelsPrefix}${place.bucket}/${place.prefix}` };
  for await (const bytes of readAll(client, own, '.json')) {
    const document = labelDocument.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    if (document.success) add(document.data);
  }
  for await (const bytes of readAll(
    client,
    { bucket: labelsBucket, prefix: `${labelsPrefix}runs/` },
    '.ndjson.gz',
  )) {
    for (const document of decodePart(bytes)) add(document);
  }
  return ({ key, eTag }) => known.has(idOf(key, eTag));
}

/** The contents of the objects under a prefix whose keys end so, several read at once. */
export async function* readAll(client: S3Client, place: Place, ending: string): AsyncGenerator<Uint8Array> {
  async function* keys() {
    for await (const { key } of listObjects(client, place)) if (key.endsWith(ending)) yield key;
  }
  yield* inOrder(keys(), { size: readsAtOnce }, (key) => readObject(client, place.bucket, key));
}

export async function readObject(client: S3Client, Bucket: string, Key: string): Promise<Uint8Array> {
  const { Body } = await patiently(() => client.send(new GetObjectCommand({ Bucket, Key })));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

function idOf(key: string, eTag: string | undefined): string {
  return `${key}\0${eTag}`;
}
