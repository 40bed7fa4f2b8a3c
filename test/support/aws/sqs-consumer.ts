import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { SqsJobQueue, unlessReceiptIsOver } from '../../../aws/stores/sqs-job-queue.ts';
import type { JobQueueConsumer, QueueMessage } from '../../../functions/shared/ports.ts';

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

/** The receiving end of a queue, which Lambda's event source mapping takes in AWS. */
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
