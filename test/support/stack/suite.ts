import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

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
