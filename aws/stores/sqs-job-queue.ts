import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  MessageNotInflight,
  ReceiptHandleIsInvalid,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { JobQueue, JobQueueConsumer, QueueMessage } from '../../functions/shared/ports.ts';

/** An SQS queue. A send whose answer was lost is sent again: whoever receives must bear duplicates anyway. */
export class SqsJobQueue implements JobQueue {
  protected readonly client: SQSClient;
  protected readonly queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.client = client;
    this.queueUrl = queueUrl;
  }

  async send(body: string): Promise<void> {
    await this.client.send(new SendMessageCommand({ QueueUrl: this.queueUrl, MessageBody: body }));
  }

  async changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    await unlessReceiptIsOver(
      this.client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: this.queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      ),
    );
  }
}

const received = z
  .object({
    MessageId: z.string(),
    ReceiptHandle: z.string(),
    Body: z.string(),
    Attributes: z.object({ ApproximateReceiveCount: z.coerce.number() }),
  })
  .transform(
    ({ MessageId, ReceiptHandle, Body, Attributes }): QueueMessage => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      receiveCount: Attributes.ApproximateReceiveCount,
    }),
  );

/** The end that Lambda's event source mapping takes in AWS, for tests and tools. */
export class SqsJobQueueConsumer extends SqsJobQueue implements JobQueueConsumer {
  async receive({ max, waitSeconds }: { max: number; waitSeconds: number }): Promise<QueueMessage[]> {
    const { Messages = [] } = await this.client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.queueUrl,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
      { requestTimeout: (waitSeconds + 5) * 1000 },
    );
    return Messages.map((message) => received.parse(message));
  }

  async delete(receiptHandle: string): Promise<void> {
    await unlessReceiptIsOver(
      this.client.send(new DeleteMessageCommand({ QueueUrl: this.queueUrl, ReceiptHandle: receiptHandle })),
    );
  }
}

/** The message was deleted, or is visible to others again. SQS says so in three ways. */
async function unlessReceiptIsOver(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (error instanceof MessageNotInflight || error instanceof ReceiptHandleIsInvalid) return;
    if (error instanceof SQSServiceException && error.name === 'InvalidParameterValue') return;
    throw error;
  }
}
