/**
 * `npm run test:stack`: the black-box suite and what only a stack can show, against a stack on an emulator (`STACK`, as for `npm run
 * stack`) that is made for it and taken down, or against the one at `BASE_URL`.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ownModelDist } from '../../../infra/build/own-model.ts';
import { build } from '../../../infra/emulator/build.ts';
import { deploy } from '../../../infra/emulator/deploy.ts';
import { type Emulator, emulatorEnvironment } from '../../../infra/emulator/emulator.ts';
import { freePort } from '../../../infra/emulator/free-port.ts';
import { startEmulator } from '../../../infra/emulator/start.ts';
import { temporaryModels } from '../model/own.ts';
import { modelsToServe } from '../model/own-served.ts';
import { limitations } from './limitations.ts';
import { contract, exitWithMessage, runSuite, stackEnvironment } from './suite.ts';

const config = ['--config', join(import.meta.dirname, 'vitest.config.ts')];
const blackBox = [...config, ...process.argv.slice(2)];

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
    await checkOwnModels(emulator);
  } finally {
    await emulator.stop();
  }
}

/** Deploys a stack with each model of a person's own, as `cdk deploy -c model=PATH` does, and holds its scores against the local server's. */
async function checkOwnModels(emulator: Emulator): Promise<void> {
  const temporary = await temporaryModels();
  for (const model of await modelsToServe(temporary)) {
    const modelDir = join(ownModelDist, 'layer/model');
    const stack = await deploy(emulator, { settings: { stackName: 'own-model', model, modelDir } });
    const environment = { ...emulatorEnvironment(emulator.endpoint), STACK_EMULATOR: emulator.name };
    await runSuite(config, { ...environment, BASE_URL: stack.url, STACK_MODEL: model });
    await stack.destroy();
  }
  await rm(temporary, { recursive: true });
}

await main().catch(exitWithMessage);
