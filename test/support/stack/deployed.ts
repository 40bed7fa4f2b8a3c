import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClients } from '../../../aws/clients.ts';

/** What of a stack tests reach besides its address; `undefined` where only the address is known. */
export const deployed =
  process.env.BUCKET_NAME && process.env.QUEUE_URL && process.env.DEAD_LETTER_QUEUE_URL
    ? {
        bucket: process.env.BUCKET_NAME,
        queueUrl: process.env.QUEUE_URL,
        deadLetterQueueUrl: process.env.DEAD_LETTER_QUEUE_URL,
      }
    : undefined;

/** @throws {Error} where only the stack's address is known. */
export function requireDeployed(): NonNullable<typeof deployed> {
  if (deployed === undefined)
    throw new Error('BUCKET_NAME, QUEUE_URL and DEAD_LETTER_QUEUE_URL are not set.');
  return deployed;
}

export const clients = createClients();

/** `npm run redrive -- …`: what it printed. */
export async function redrive(...parts: string[]): Promise<string> {
  const script = join(import.meta.dirname, '../../../aws/redrive.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...parts]);
  return stdout;
}
