import {
  ChangeMessageVisibilityCommand,
  MessageNotInflight,
  ReceiptHandleIsInvalid,
  SendMessageCommand,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createClients } from '../../../aws/clients.ts';
import { SqsJobQueue } from '../../../aws/stores/sqs-job-queue.ts';

const { sqs } = createClients({ region: 'us-east-1' });
const mock = mockClient(sqs);
const queue = new SqsJobQueue(sqs, 'https://sqs.us-east-1.amazonaws.com/1/images');

const service = (name: string) =>
  new SQSServiceException({ name, message: name, $fault: 'client', $metadata: {} });

test.each([
  new MessageNotInflight({ message: 'not in flight', $metadata: {} }),
  new ReceiptHandleIsInvalid({ message: 'invalid', $metadata: {} }),
  service('InvalidParameterValue'),
])('a receipt that is over is no error, however SQS says so: %s', async (error) => {
  mock.on(ChangeMessageVisibilityCommand).rejects(error);
  await queue.changeVisibility('receipt', 1);
});

test.each(['ExpiredToken', 'RequestThrottled', 'AccessDenied'])('%s is an error', async (name) => {
  mock
    .on(ChangeMessageVisibilityCommand)
    .rejects(service(name))
    .on(SendMessageCommand)
    .rejects(service(name));
  await expect(queue.changeVisibility('receipt', 1)).rejects.toMatchObject({ name });
  await expect(queue.send('body')).rejects.toMatchObject({ name });
});
