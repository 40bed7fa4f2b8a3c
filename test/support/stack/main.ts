/**
 * `npm run test:stack`: the black-box suite and what only a stack can show, against a stack on an emulator (`STACK`, as for `npm run
 * stack`) that is made for it and taken down, or against the one at `BASE_URL`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from '../../../infra/emulator/build.ts';
import { deploy } from '../../../infra/emulator/deploy.ts';
import { emulatorEnvironment, freePort } from '../../../infra/emulator/emulator.ts';
import { startEmulator } from '../../../infra/emulator/start.ts';
import { limitations } from './limitations.ts';

const root = join(import.meta.dirname, '../../..');

async function main(): Promise<void> {
  if (process.env.BASE_URL) return runSuite({});
  const started = performance.now();
  await build();
  const emulator = await startEmulator(await freePort());
  try {
    const stack = await deploy(emulator);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${emulator.name}: built, started and deployed in ${seconds} s.`);
    for (const { test, reason } of limitations[emulator.name] ?? []) {
      console.log(`Left out on ${emulator.name}: "${test}": ${reason}`);
    }
    await runSuite({
      ...emulatorEnvironment(emulator.endpoint),
      BASE_URL: stack.url,
      STACK_EMULATOR: emulator.name,
      TABLE_NAME: stack.TableName,
      BUCKET_NAME: stack.BucketName,
      QUEUE_URL: stack.QueueUrl,
      DEAD_LETTER_QUEUE_URL: stack.DeadLetterQueueUrl,
    });
    await stack.destroy();
  } finally {
    await emulator.stop();
  }
}

async function runSuite(environment: Readonly<Record<string, string>>): Promise<void> {
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const child = spawn(
    join(root, 'node_modules/.bin/vitest'),
    ['run', '--config', config, ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The suite failed (vitest ended with ${code}).`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
