/**
 * `npm run test:stack`: the black-box suite and what only a stack can show, against a stack on an emulator (`STACK`, as for `npm run
 * stack`) that is made for it and taken down, or against the one at `BASE_URL`.
 */
import { join } from 'node:path';
import { build } from '../../../infra/emulator/build.ts';
import { deploy } from '../../../infra/emulator/deploy.ts';
import { emulatorEnvironment } from '../../../infra/emulator/emulator.ts';
import { freePort } from '../../../infra/emulator/free-port.ts';
import { startEmulator } from '../../../infra/emulator/start.ts';
import { limitations } from './limitations.ts';
import { contract, exitWithMessage, runSuite, stackEnvironment } from './suite.ts';

const blackBox = ['--config', join(import.meta.dirname, 'vitest.config.ts'), ...process.argv.slice(2)];

async function main(): Promise<void> {
  if (process.env.BASE_URL) return runSuite(blackBox, {});
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
    const environment = emulatorEnvironment(emulator.endpoint);
    await runSuite(contract, {
      ...environment,
      CONTRACT_ENDPOINT: emulator.endpoint,
      CONTRACT_EMULATOR: emulator.name.toLowerCase(),
    });
    await runSuite(blackBox, {
      ...environment,
      BASE_URL: stack.url,
      STACK_EMULATOR: emulator.name,
      ...stackEnvironment(stack),
    });
    await stack.destroy();
  } finally {
    await emulator.stop();
  }
}

await main().catch(exitWithMessage);
