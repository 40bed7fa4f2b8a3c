import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { createClients } from '../../../aws/clients.ts';

/** What of a stack tests reach besides its address; `undefined` where only the address is known. */
export const deployed =
  process.env.BUCKET_NAME &&
  process.env.QUEUE_URL &&
  process.env.DEAD_LETTER_QUEUE_URL &&
  process.env.CLASSIFY_FUNCTION_NAME
    ? {
        bucket: process.env.BUCKET_NAME,
        queueUrl: process.env.QUEUE_URL,
        deadLetterQueueUrl: process.env.DEAD_LETTER_QUEUE_URL,
        classifyFunction: process.env.CLASSIFY_FUNCTION_NAME,
        dropQueueUrl: process.env.DROP_QUEUE_URL ?? '',
      }
    : undefined;

/** @throws {Error} where only the stack's address is known. */
export function requireDeployed(): NonNullable<typeof deployed> {
  if (deployed === undefined)
    throw new Error(
      'BUCKET_NAME, QUEUE_URL, DEAD_LETTER_QUEUE_URL and CLASSIFY_FUNCTION_NAME are not all set.',
    );
  return deployed;
}

export const clients = createClients();

/** `npm run redrive -- …`: what it printed. */
export async function redrive(...parts: string[]): Promise<string> {
  const script = join(import.meta.dirname, '../../../aws/redrive.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...parts]);
  return stdout;
}

/** Messages that wait and messages that are worked on. */
export async function messagesIn(QueueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}
