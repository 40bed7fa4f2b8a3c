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

/**
 * Synthesizes the stack once and deploys it.
 * @throws {Error} with what `cdk` printed.
 */
export async function deploy(emulator: Emulator, { settings = {} }: DeployOptions = {}): Promise<Deployment> {
  const { port } = new URL(emulator.endpoint);
  // One place for each, so that a stack that was never destroyed leaves no more than one behind.
  const assembly = join(root, '.cache', 'assemblies', `${port}-${settings.stackName ?? 'default'}`);
  const all = Object.entries({ ...emulatorSettings, ...emulator.settings, ...settings });
  const context = all.flatMap(([name, value]) => ['--context', `${name}=${value}`]);
  await cdk(emulator, ['synth', '--quiet', '--output', assembly, ...context]);
  if (emulator.name === 'MiniStack') await writePlainAlarms(join(assembly, 'Service.template.json'));
  const app = ['--app', assembly];
  await cdk(emulator, ['bootstrap', ...app, emulatorAccount]);
  const outputsFile = join(assembly, 'outputs.json');
  await cdk(emulator, ['deploy', ...app, '--require-approval', 'never', '--outputs-file', outputsFile]);
  const read: unknown = JSON.parse(await readFile(outputsFile, 'utf8'));
  const { Service } = z
    .record(z.string(), z.unknown())
    .transform((stacks) => ({ Service: Object.values(stacks)[0] }))
    .pipe(outputs)
    .parse(read);
  return {
    ...Service,
    url: emulator.stageUrl(Service.RestApiId, 'v1'),
    async destroy() {
      await cdk(emulator, ['destroy', ...app, '--force']);
      await rm(assembly, { recursive: true });
    },
  };
}

async function cdk(emulator: Emulator, parts: readonly string[]): Promise<void> {
  const options = {
    cwd: root,
    env: { ...process.env, ...emulatorEnvironment(emulator.endpoint) },
    timeout: 300_000,
  };
  try {
    await promisify(execFile)(join(root, 'node_modules/.bin/cdk'), [...parts], options);
  } catch (cause) {
    const { stdout, stderr } = z.object({ stdout: z.string(), stderr: z.string() }).parse(cause);
    throw new Error(`cdk ${parts[0]} failed:\n${stdout}\n${stderr}`, { cause });
  }
}
