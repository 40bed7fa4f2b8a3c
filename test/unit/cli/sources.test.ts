import { readFile } from 'node:fs/promises';
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { enableSource } from '../../../cli/enable-source.ts';
import { labelDocumentSchema } from '../../../cli/label-schema.ts';

const s3 = mockClient(S3Client);
afterEach(() => s3.reset());

test('turning EventBridge on keeps every notification that is configured', async () => {
  const configured = {
    QueueConfigurations: [{ Id: 'a', QueueArn: 'arn:aws:sqs:::q', Events: ['s3:ObjectCreated:*' as const] }],
    LambdaFunctionConfigurations: [{ LambdaFunctionArn: 'arn:f', Events: ['s3:ObjectRemoved:*' as const] }],
  };
  s3.on(GetBucketNotificationConfigurationCommand).resolves({ ...configured, $metadata: {} });
  expect(await enableSource(new S3Client({}), 'photos')).toBe(true);
  const [put] = s3.commandCalls(PutBucketNotificationConfigurationCommand);
  expect(put?.args[0].input).toEqual({
    Bucket: 'photos',
    NotificationConfiguration: { ...configured, EventBridgeConfiguration: {} },
  });
});

test('a bucket that sends its events already is left alone', async () => {
  s3.on(GetBucketNotificationConfigurationCommand).resolves({ EventBridgeConfiguration: {} });
  expect(await enableSource(new S3Client({}), 'photos')).toBe(false);
  expect(s3.commandCalls(PutBucketNotificationConfigurationCommand)).toEqual([]);
});

test('the published JSON Schema is that of the documents (npm run label-schema)', async () => {
  const published = await readFile('docs/label-document.schema.json', 'utf8');
  expect(JSON.parse(published)).toEqual(JSON.parse(labelDocumentSchema()));
});
