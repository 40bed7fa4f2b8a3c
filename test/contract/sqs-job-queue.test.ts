import { emulatedQueues } from '../support/aws/emulators.ts';
import { SqsJobQueueConsumer } from '../support/aws/sqs-consumer.ts';
import { jobQueueSuite } from './job-queue-suite.ts';

jobQueueSuite('SqsJobQueue', async (terms) => {
  const { clients, resource, close } = await emulatedQueues(terms);
  return {
    queue: new SqsJobQueueConsumer(clients.sqs, resource.queueUrl),
    deadLetters: new SqsJobQueueConsumer(clients.sqs, resource.deadLetterUrl),
    close,
  };
});
