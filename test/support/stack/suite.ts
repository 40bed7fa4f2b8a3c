import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DeployedStack } from '../../../infra/emulator/deploy.ts';

const root = join(import.meta.dirname, '../../..');

/** The adapters' own suites; in `npm test` they run on emulators in the test's process, which can do less. */
export const contract = [
  '--project',
  'contract',
  'dynamo-job-store.test',
  's3-image-store.test',
  'sqs-job-queue.test',
];

/** What the black-box suite reaches of a stack besides its address. */
export function stackEnvironment(stack: DeployedStack): Record<string, string> {
  return {
    TABLE_NAME: stack.TableName,
    BUCKET_NAME: stack.BucketName,
    QUEUE_URL: stack.QueueUrl,
    DEAD_LETTER_QUEUE_URL: stack.DeadLetterQueueUrl,
    CLASSIFY_FUNCTION_NAME: stack.ClassifyFunctionName,
    DROP_QUEUE_URL: stack.DropQueueUrl,
  };
}

/**
 * Runs vitest with a configuration of this project and what the command line adds.
 * @throws {Error} where a test fails.
 */
export async function runSuite(
  parts: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(join(root, 'node_modules/.bin/vitest'), ['run', ...parts], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The suite failed (vitest ended with ${code}).`);
}

export function exitWithMessage(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
