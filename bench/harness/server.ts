import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../infra/emulator/free-port.ts';
import { predict } from './client.ts';
import type { Contender } from './contenders.ts';
import type { ReferencePhoto } from './photos.ts';
import { cacheDir } from './settings.ts';

/** A contender in a process of its own that has given its first right answer. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** From the process's start to its first right answer. */
  readonly startMilliseconds: number;
}

const startLimit = 120_000;
const probeMilliseconds = 5;

/** Starts a contender with an empty data folder and asks it for one photo until the answer is right. */
export async function startContender(contender: Contender, photo: ReferencePhoto): Promise<RunningServer> {
  const port = await freePort();
  const dataDir = await mkdtemp(join(cacheDir, 'data-'));
  const started = performance.now();
  const { PYTHONDONTWRITEBYTECODE: _, ...environment } = process.env;
  const child = spawn(contender.command, contender.args, {
    cwd: contender.cwd,
    env: { ...environment, PORT: String(port), DATA_DIR: dataDir, ...contender.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, so that what it starts is stopped with it.
    detached: true,
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const exited = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${contender.title} cannot be started: is it installed?`);
  const stop = async () => {
    await stopGroup(pid, exited);
    await rm(dataDir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}/`;
  try {
    await firstRightAnswer(url, photo, started + startLimit, () => child.exitCode === null);
  } catch (cause) {
    await stop();
    throw new Error(`${contender.title} did not answer: ${said.join('').slice(-2000)}`, { cause });
  }
  return { pid, url, startMilliseconds: performance.now() - started, [Symbol.asyncDispose]: stop };
}

async function firstRightAnswer(url: string, photo: ReferencePhoto, until: number, isAlive: () => boolean) {
  while (performance.now() < until && isAlive()) {
    const best = await predict(url, photo).catch(ignoreRefusal);
    if (best?.[0]?.label === photo.label) return;
    await sleep(probeMilliseconds);
  }
  throw new Error(`No right answer for ${photo.name}.`);
}

/** Nobody listens yet. */
function ignoreRefusal(error: unknown): undefined {
  if (
    error instanceof Error &&
    'code' in error &&
    ['ECONNREFUSED', 'ECONNRESET'].includes(String(error.code))
  )
    return undefined;
  throw error;
}

async function stopGroup(group: number, exited: Promise<unknown>): Promise<void> {
  signal(group, 'SIGTERM');
  await Promise.race([exited, sleep(5000, undefined, { ref: false })]);
  signal(group, 'SIGKILL');
  await exited;
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // It has ended by itself.
  }
}
