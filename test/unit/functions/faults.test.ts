import { DynamoDBServiceException, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createClients } from '../../../aws/clients.ts';
import { DynamoJobStore } from '../../../aws/stores/dynamo-job-store.ts';
import { S3ImageStore } from '../../../aws/stores/s3-image-store.ts';
import { classifyHandler } from '../../../functions/classify/handler.ts';
import { statusHandler } from '../../../functions/status/handler.ts';
import {
  delivery,
  type EmulatedService,
  emulatedService,
  fakeClassifier,
  sqsEvent,
} from '../../support/aws/emulated-service.ts';
import { apiRequest, context } from '../../support/aws/events.ts';

let service: EmulatedService;
beforeAll(async () => {
  service = await emulatedService();
});
afterAll(() => service.close());

const expired = {
  name: 'ExpiredToken',
  message: 'The token of role/label-on-upload is expired',
  $metadata: {},
};

/** Asks for a job's status where reading it fails. */
async function status(error: Error) {
  const { dynamo } = createClients({ region: 'us-east-1' });
  const mock = mockClient(dynamo);
  mock.on(GetCommand).rejects(error);
  onTestFinished(() => mock.restore());
  const handler = statusHandler({ ...service, jobs: new DynamoJobStore(dynamo, 'jobs') });
  const pathParameters = { id: '3f0c5f66-3e5e-4f6e-9a58-0d3d2c3f9d10' };
  return handler(apiRequest('GET', '/status/{id}', { pathParameters }), context());
}

test('an expired credential is our fault, and the answer does not mention it', async () => {
  const answer = await status(new DynamoDBServiceException({ ...expired, $fault: 'client' }));
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toMatch(/token|role|dynamo/i);
});

test('a table that is too busy even for the last retry is a reason to come again', async () => {
  const answer = await status(
    new ProvisionedThroughputExceededException({ message: 'too fast', $metadata: { httpStatusCode: 400 } }),
  );
  expect(answer).toMatchObject({ statusCode: 503, headers: { 'Retry-After': expect.any(String) } });
});

test('an image that cannot be read for an expired credential fails no job: it comes again', async () => {
  const { id, key } = await service.submit('a picture');
  const { s3 } = createClients({ region: 'us-east-1' });
  const mock = mockClient(s3);
  mock.on(GetObjectCommand).rejects(new S3ServiceException({ ...expired, $fault: 'client' }));
  onTestFinished(() => mock.restore());
  const images = new S3ImageStore(s3, { bucket: 'images' });
  const handler = classifyHandler({ ...service, images, classifier: fakeClassifier().classifier });
  expect(await handler(sqsEvent(delivery(key)), context())).toEqual({
    batchItemFailures: [{ itemIdentifier: key }],
  });
  expect((await service.jobs.read(id))?.status).not.toBe('failed');
});
