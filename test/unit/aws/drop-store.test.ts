import { GetObjectCommand, NoSuchKey, S3ServiceException } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createClients } from '../../../aws/clients.ts';
import { S3DropStore } from '../../../aws/stores/s3-drop-store.ts';

const { s3 } = createClients({ region: 'us-east-1' });
const mock = mockClient(s3);
const store = new S3DropStore(s3);
const object = { bucket: 'photos', key: 'a b.jpg', size: 100, eTag: 'tag', versionId: '3', sequencer: '1' };

const service = (name: string) =>
  new S3ServiceException({ name, message: name, $fault: 'client', $metadata: {} });

test.each([
  ['AccessDenied', 'access_denied', 'kms:Decrypt'],
  ['InvalidObjectState', 'archived', 'Restore it'],
  ['PermanentRedirect', 'other_region', 'another region'],
])('S3 that answers %s gives the object the error %s and says what to do', async (name, code, advice) => {
  mock.on(GetObjectCommand).rejects(service(name));
  expect(await store.read(object)).toEqual({ error: { code, detail: expect.stringContaining(advice) } });
});

test.each([
  [new NoSuchKey({ message: 'gone', $metadata: {} }), 'deleted'],
  [service('NoSuchVersion'), 'deleted'],
  [service('MethodNotAllowed'), 'deleted'],
  [service('PreconditionFailed'), 'overwritten'],
])('an object that is no longer what its event spoke of is gone: %s', async (error, gone) => {
  mock.on(GetObjectCommand).rejects(error);
  expect(await store.read(object)).toEqual({ gone });
  expect(mock.commandCalls(GetObjectCommand).at(-1)?.args[0].input).toEqual({
    ...{ Bucket: 'photos', Key: 'a b.jpg', VersionId: '3', IfMatch: '"tag"' },
  });
});

test('another fault of S3 is thrown, so that the object is delivered again', async () => {
  mock.on(GetObjectCommand).rejects(service('SlowDown'));
  await expect(store.read(object)).rejects.toThrow('SlowDown');
});
