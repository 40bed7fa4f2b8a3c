import {
  ChangeMessageVisibilityCommand,
  MessageNotInflight,
  ReceiptHandleIsInvalid,
  SendMessageCommand,
  type SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import type { JobQueue } from '../../functions/shared/ports.ts';

/** An SQS queue. The SDK repeats a send whose answer was lost; the receiver handles duplicates anyway. */
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

/** Ignores that the message was deleted or is visible again. SQS reports this with three different errors. */
export async function unlessReceiptIsOver(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (error instanceof MessageNotInflight || error instanceof ReceiptHandleIsInvalid) return;
    if (error instanceof SQSServiceException && error.name === 'InvalidParameterValue') return;
    throw error;
  }
}
