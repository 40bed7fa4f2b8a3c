/**
 * `npm run test:aws -- --profile NAME [--region REGION] [-c name=value …] [--images 1000]`: shows on a real account what no emulator can.
 * Deploys a throw-away stack, runs the adapters' suites against the account's own services and the black-box suite against the stack, sends it a
 * thousand images, and removes it, whatever has failed. It costs well under a dollar. `--emulator` rehearses it on MiniStack.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { createClients } from '../../../aws/clients.ts';
import { capacityProblem } from '../../../infra/capacity.ts';
import { readAccount, settingsOf } from '../../../infra/check-account.ts';
import { build } from '../../../infra/emulator/build.ts';
import { type DeployedStack, deploy, deployTo } from '../../../infra/emulator/deploy.ts';
import { emulatorEnvironment } from '../../../infra/emulator/emulator.ts';
import { freePort } from '../../../infra/emulator/free-port.ts';
import { startMiniStack } from '../../../infra/emulator/ministack.ts';
import { load } from './load.ts';
import { contract, exitWithMessage, runSuite, stackEnvironment } from './suite.ts';

const root = join(import.meta.dirname, '../../..');
const blackBox = ['--config', join(import.meta.dirname, 'vitest.config.ts')];

/** A stack to test, and how the suites and the SDK reach its account. */
interface Subject {
  readonly stack: DeployedStack;
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
  /** How `contract` names what it talks to. */
  readonly contract: Readonly<Record<string, string>>;
  /** Requests that may be under way. */
  readonly atOnce: number;
}

const { values } = parseArgs({
  options: {
    profile: { type: 'string' },
    region: { type: 'string' },
    context: { type: 'string', short: 'c', multiple: true, default: [] },
    images: { type: 'string', default: '1000' },
    emulator: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.emulator) return rehearse();
  if (values.profile === undefined) throw new Error('Name the profile of an account: --profile NAME.');
  const environment = {
    AWS_PROFILE: values.profile,
    ...(values.region && { AWS_REGION: values.region, AWS_DEFAULT_REGION: values.region }),
  };
  Object.assign(process.env, environment);
  await promisify(execFile)(process.execPath, [join(root, 'infra/build.ts')]);
  const settings = await throwAwaySettings();
  console.log(`Deploying ${settings.stackName}: some ten minutes.`);
  const assembly = join(root, '.cache', 'assemblies', settings.stackName);
  const stack = await deployTo({ environment, settings, assembly });
  try {
    await testAll({ stack, url: stack.Url, environment, contract: { CONTRACT_EMULATOR: 'aws' }, atOnce: 50 });
  } finally {
    await remove(stack);
  }
}

/** The same on MiniStack, with fewer requests at a time: each starts a process there. */
async function rehearse(): Promise<void> {
  await build();
  const emulator = await startMiniStack(await freePort());
  const environment = emulatorEnvironment(emulator.endpoint);
  Object.assign(process.env, environment);
  const name = { CONTRACT_ENDPOINT: emulator.endpoint, CONTRACT_EMULATOR: 'ministack' };
  try {
    const stack = await deploy(emulator);
    try {
      await testAll({ stack, url: stack.url, environment, contract: name, atOnce: 10 });
    } finally {
      await remove(stack);
    }
  } finally {
    await emulator.stop();
  }
}

/** A name of its own, a zip so that no Docker is needed, and room for the suites. Reservations only where the account can keep them. */
async function throwAwaySettings(): Promise<Record<string, string> & { stackName: string }> {
  const given = Object.fromEntries(
    values.context.map((pair) => [pair.split('=')[0], pair.split('=').slice(1).join('=')]),
  );
  const stackName = `test-${randomBytes(4).toString('hex')}`;
  const settings = { packaging: 'zip', requestsPerSecond: '200', requestBurst: '400', ...given, stackName };
  const pairs = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const problem = capacityProblem(settingsOf(pairs), await readAccount(new LambdaClient(), stackName));
  if (problem === undefined) return settings;
  console.log(`${problem}\nDeploying without reservations.`);
  return { ...settings, reservedConcurrency: 'off' };
}

async function testAll(subject: Subject): Promise<void> {
  const { stack, url, environment, atOnce } = subject;
  const failures: string[] = [];
  const attempt = async (name: string, work: () => Promise<void>) => {
    console.log(`\n=== ${name}`);
    await work().catch((error: unknown) => {
      failures.push(name);
      console.error(error instanceof Error ? error.message : error);
    });
  };
  await attempt('adapters', () => runSuite(contract, { ...environment, ...subject.contract }));
  await attempt('black box', () =>
    runSuite(blackBox, { ...environment, BASE_URL: url, ...stackEnvironment(stack) }),
  );
  await attempt('load', async () => {
    const { images, succeeded, seconds, median, p99 } = await load(url, Number(values.images), atOnce);
    console.log(
      `${succeeded} of ${images} images labelled in ${seconds.toFixed(1)} s; created to finished: median ${median} ms, p99 ${p99} ms`,
    );
    if (succeeded < images) throw new Error(`${images - succeeded} images were not labelled.`);
  });
  if (failures.length > 0) throw new Error(`Failed: ${failures.join(', ')}.`);
}

/** CloudFormation does not delete a bucket with something in it. */
async function remove(stack: DeployedStack): Promise<void> {
  console.log('\nRemoving the stack.');
  const { s3 } = createClients();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: stack.BucketName })) {
    const Objects = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    if (Objects.length === 0) continue;
    await s3.send(new DeleteObjectsCommand({ Bucket: stack.BucketName, Delete: { Objects, Quiet: true } }));
  }
  await stack.destroy();
}

await main().catch(exitWithMessage);
