import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, GetObjectCommand, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { type LabelDocument, labelDocument, labelName } from '../../../functions/shared/label-document.ts';
import { labelsPrefix } from '../../../functions/shared/object-event.ts';
import { predict } from '../../support/e2e/client.ts';
import { temporaryFolder } from '../../support/local/server-process.ts';
import { drawJpeg } from '../../support/pictures/images.ts';
import { clients, deployed, requireDeployed } from '../../support/stack/deployed.ts';

const image = await drawJpeg();

async function readDocument(bucket: string, key: string): Promise<LabelDocument | undefined> {
  const start = `${labelsPrefix}${bucket}/`;
  const Key = `${start}${labelName(key, 1024 - Buffer.byteLength(start))}`;
  try {
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: requireDeployed().bucket, Key }));
    return labelDocument.parse(JSON.parse((await Body?.transformToString()) ?? ''));
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** The label document of an object, once it is there. */
async function documentOf(bucket: string, key: string): Promise<LabelDocument> {
  await expect.poll(() => readDocument(bucket, key), { timeout: 60_000, interval: 200 }).toBeDefined();
  const document = await readDocument(bucket, key);
  if (document === undefined) throw new Error(`${key} has lost its labels.`);
  return document;
}

describe.runIf(deployed)('an object under drop/', () => {
  test.each([
    'drop/plain.jpg',
    'drop/two words, a+b and 100%25.jpg',
    'drop/ä/日本/ñ.jpg',
    `drop/${'k'.repeat(1015)}.jpg`,
  ])('named %s has the labels that POST /predict answers with', async (Key) => {
    const { bucket: Bucket } = requireDeployed();
    await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: image }));
    const { object, predictions = [], error } = await documentOf(Bucket, Key);
    expect(error).toBeUndefined();
    expect(object).toMatchObject({ bucket: Bucket, key: Key, size: image.length });
    const answer = await (await predict(image)).json();
    expect(predictions.slice(0, 3).map(({ label, score }) => ({ label, score }))).toEqual(answer);
  });

  test('that is no image has the reason, and the labels of what replaces it', async () => {
    const { bucket: Bucket } = requireDeployed();
    const Key = 'drop/replaced.jpg';
    await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'not an image' }));
    expect(await documentOf(Bucket, Key)).toMatchObject({ error: { code: 'unsupported_image' } });
    await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: image }));
    const replaced = async () => (await readDocument(Bucket, Key))?.error;
    await expect.poll(replaced, { timeout: 60_000, interval: 200 }).toBeUndefined();
  });

  test.runIf(process.env.AWS_CLI)('may come from the AWS CLI, by cp and by sync', async () => {
    await using folder = await temporaryFolder();
    const { bucket } = requireDeployed();
    await mkdir(join(folder.path, 'camera'));
    for (const name of ['1.jpg', '2.jpg']) await writeFile(join(folder.path, 'camera', name), image);
    const aws = (...parts: string[]) => promisify(execFile)(process.env.AWS_CLI ?? '', ['s3', ...parts]);
    await aws('cp', join(folder.path, 'camera', '1.jpg'), `s3://${bucket}/drop/copied.jpg`);
    await aws('sync', join(folder.path, 'camera'), `s3://${bucket}/drop/synced/`);
    for (const key of ['drop/copied.jpg', 'drop/synced/1.jpg', 'drop/synced/2.jpg'])
      expect((await documentOf(bucket, key)).error).toBeUndefined();
  });
});

test.runIf(deployed)("an object of a foreign bucket is labelled by EventBridge's event", async () => {
  const Bucket = `camera-${Date.now()}`;
  const key = 'a b/c+d.jpg';
  await clients.s3.send(new CreateBucketCommand({ Bucket }));
  const { ETag = '' } = await clients.s3.send(new PutObjectCommand({ Bucket, Key: key, Body: image }));
  const event = {
    version: '0',
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: {
      bucket: { name: Bucket },
      object: { key, size: image.length, etag: ETag.replaceAll('"', ''), sequencer: '0062E99A88DC407460' },
      reason: 'PutObject',
    },
  };
  const MessageBody = JSON.stringify(event);
  await clients.sqs.send(new SendMessageCommand({ QueueUrl: requireDeployed().dropQueueUrl, MessageBody }));
  expect(await documentOf(Bucket, key)).toMatchObject({
    object: { bucket: Bucket, key },
    image: { format: 'jpeg' },
  });
});
