import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { type Emulator, emulatorAccount, emulatorEnvironment } from './emulator.ts';
import { writePlainAlarms } from './plain-alarms.ts';

const root = join(import.meta.dirname, '../..');

const outputs = z.object({
  Service: z.object({
    RestApiId: z.string(),
    Url: z.string(),
    TableName: z.string(),
    BucketName: z.string(),
    QueueUrl: z.string(),
    DeadLetterQueueUrl: z.string(),
    ClassifyFunctionName: z.string(),
    DropQueueUrl: z.string(),
  }),
});

/** A stack on an emulator. */
export interface Deployment extends z.infer<typeof outputs.shape.Service> {
  /** Where the service answers, with a slash at its end. */
  readonly url: string;
  destroy(): Promise<void>;
}

/** How a stack on an emulator differs from one in AWS: two classify functions at a time on a small machine. What concerns messages is as in AWS. */
const emulatorSettings = {
  packaging: 'zip',
  streaming: 'false',
  architecture: process.arch === 'arm64' ? 'arm64' : 'x86-64',
  maxConcurrency: '2',
  requestsPerSecond: '1000',
  requestBurst: '1000',
} as const;

export interface DeployOptions {
  readonly settings?: Readonly<Record<string, string>>;
}

/** Where a stack goes, and how it differs from that of cdk.json. */
export interface Target {
  /** What `cdk` finds the account by: credentials, region, or an emulator's address. */
  readonly environment: Readonly<Record<string, string>>;
  /** As `cdk bootstrap` names it; the account and region of the credentials where it is not said. */
  readonly account?: string;
  readonly settings: Readonly<Record<string, string>>;
  /** The folder of what is synthesized. */
  readonly assembly: string;
  /** Changes the template before it is deployed. */
  readonly adapt?: (template: string) => Promise<void>;
}

/** What a stack has put out, and what takes it away. */
export interface DeployedStack extends z.infer<typeof outputs.shape.Service> {
  destroy(): Promise<void>;
}

/**
 * Synthesizes the stack once and deploys it to an emulator.
 * @throws {Error} with what `cdk` printed.
 */
export async function deploy(emulator: Emulator, { settings = {} }: DeployOptions = {}): Promise<Deployment> {
  const { port } = new URL(emulator.endpoint);
  const stack = await deployTo({
    environment: emulatorEnvironment(emulator.endpoint),
    account: emulatorAccount,
    settings: { ...emulatorSettings, ...emulator.settings, ...settings },
    // One place for each, so that a stack that was never destroyed leaves no more than one behind.
    assembly: join(root, '.cache', 'assemblies', `${port}-${settings.stackName ?? 'default'}`),
    ...(emulator.name === 'MiniStack' && { adapt: writePlainAlarms }),
  });
  return { ...stack, url: emulator.stageUrl(stack.RestApiId, 'v1') };
}

/**
 * Synthesizes the stack once and deploys it.
 * @throws {Error} with what `cdk` printed.
 */
export async function deployTo(target: Target): Promise<DeployedStack> {
  const { assembly, environment, account, settings, adapt } = target;
  const context = Object.entries(settings).flatMap(([name, value]) => ['--context', `${name}=${value}`]);
  await cdk(environment, ['synth', '--quiet', '--output', assembly, ...context]);
  await adapt?.(join(assembly, 'Service.template.json'));
  const app = ['--app', assembly];
  await cdk(environment, ['bootstrap', ...app, ...(account === undefined ? [] : [account])]);
  const outputsFile = join(assembly, 'outputs.json');
  await cdk(environment, ['deploy', ...app, '--require-approval', 'never', '--outputs-file', outputsFile]);
  const read: unknown = JSON.parse(await readFile(outputsFile, 'utf8'));
  const { Service } = z
    .record(z.string(), z.unknown())
    .transform((stacks) => ({ Service: Object.values(stacks)[0] }))
    .pipe(outputs)
    .parse(read);
  return {
    ...Service,
    async destroy() {
      await cdk(environment, ['destroy', ...app, '--force']);
      await rm(assembly, { recursive: true });
    },
  };
}

async function cdk(environment: Readonly<Record<string, string>>, parts: readonly string[]): Promise<void> {
  // A first deployment to AWS takes some five minutes.
  const options = { cwd: root, env: { ...process.env, ...environment }, timeout: 1_200_000 };
  try {
    await promisify(execFile)(join(root, 'node_modules/.bin/cdk'), [...parts], options);
  } catch (cause) {
    const { stdout, stderr } = z.object({ stdout: z.string(), stderr: z.string() }).parse(cause);
    throw new Error(`cdk ${parts[0]} failed:\n${stdout}\n${stderr}`, { cause });
  }
}
