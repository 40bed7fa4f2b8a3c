import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, open, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Emulator, type RunningEmulator, requireFree, untilAnswering } from './emulator.ts';

const root = join(import.meta.dirname, '../..');
const cache = join(root, '.cache');
const run = promisify(execFile);

/** MiniStack does not unpack layers to `/opt`: functions read the model from `dist/`. */
export function miniStackAt(endpoint: string): Emulator {
  return {
    name: 'MiniStack',
    endpoint,
    stageUrl: (restApiId, stage) => `${endpoint}/restapis/${restApiId}/${stage}/_user_request_/`,
    settings: { modelDir: join(root, 'dist/layer/model'), uploadOrigin: endpoint },
  };
}

/**
 * Starts MiniStack on loopback; its log goes to `.cache/ministack.log`. It runs functions as processes of the Node that runs this.
 */
export async function startMiniStack(port: number): Promise<RunningEmulator> {
  await requireFree(port);
  const executable = await findMiniStack();
  const log = await open(join(cache, 'ministack.log'), 'w');
  const { AWS_ENDPOINT_URL: _, AWS_ENDPOINT_URL_S3: __, ...environment } = process.env;
  const child = spawn(executable, [], {
    cwd: cache,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      ...environment,
      PATH: `${dirname(process.execPath)}${delimiter}${environment.PATH}`,
      LAMBDA_EXECUTOR: 'local',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
    },
  });
  await log.close();
  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.race([untilAnswering(`${endpoint}/_ministack/health`, 30), ended(child)]);
  return { ...miniStackAt(endpoint), stop: () => stop(child) };
}

/** `MINISTACK`, the one on the path, or one of our own that is installed on first use (pip, 92 MB). */
async function findMiniStack(): Promise<string> {
  if (process.env.MINISTACK) return process.env.MINISTACK;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const own = join(cache, 'ministack');
  for (const folder of [...folders, join(own, 'bin')]) {
    if (await isThere(join(folder, 'ministack'))) return join(folder, 'ministack');
  }
  return install(own);
}

/** A virtual environment keeps the paths it was made with, so it is made in its place; a broken one is taken away. */
async function install(folder: string): Promise<string> {
  const python = process.env.STACK_PYTHON || 'python3';
  console.error(`Installing MiniStack to ${folder} …`);
  await mkdir(cache, { recursive: true });
  try {
    await run(python, ['-m', 'venv', folder]);
    const requirements = join(import.meta.dirname, 'requirements.txt');
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--requirement', requirements]);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`MiniStack cannot be installed with ${python}: name another Python with STACK_PYTHON.`, {
      cause,
    });
  }
  return join(folder, 'bin/ministack');
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`MiniStack ended with code ${code}: see .cache/ministack.log.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  if (await Promise.race([exited.then(() => true), sleep(5000, false, { ref: false })])) return;
  child.kill('SIGKILL');
  await exited;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
