import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../infra/emulator/free-port.ts';
import { predict } from './client.ts';
import type { Launch } from './contenders.ts';
import type { ReferencePhoto } from './photos.ts';
import { cacheDir } from './settings.ts';

/** A server in a process of its own that has given its first right answer. */
export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** Milliseconds from the process's start to its first right answer. */
  readonly start: number;
}

const startSeconds = 120;

/**
 * Starts a server with an empty data folder and asks it for one photo until the answer is right.
 * @param prefix a command that starts the server's, such as `taskset`.
 */
export async function startServer(
  { title, command, cwd, environment }: Launch,
  photo: ReferencePhoto,
  prefix: readonly string[] = [],
): Promise<RunningServer> {
  const [port, redisPort] = [await freePort(), await freePort()];
  const dataDir = await mkdtemp(join(cacheDir, 'data-'));
  const started = performance.now();
  const [program = '', ...args] = [...prefix, ...command];
  const ports = { PORT: String(port), REDIS_PORT: String(redisPort), DATA_DIR: dataDir };
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: undefined, ...ports, ...environment };
  // A group of its own, so that what it starts is stopped with it.
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const exited = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${title} cannot be started: is it installed?`);
  const kill = () => signal(-pid, 'SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    await stopGroup(pid, exited);
    await rm(dataDir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}/`;
  let best: string | undefined;
  while (best !== photo.label) {
    if (child.exitCode !== null || performance.now() > started + startSeconds * 1000) {
      await stop();
      throw new Error(`${title} gives no right answer for ${photo.name}: ${said.join('').slice(-2000)}`);
    }
    // Refused: it does not listen yet, or a part of it is not there yet.
    best = (await predict(url, photo).catch(() => sleep(5, [])))[0]?.label;
  }
  return { pid, url, start: performance.now() - started, [Symbol.asyncDispose]: stop };
}

async function stopGroup(group: number, exited: Promise<unknown>): Promise<void> {
  signal(-group, 'SIGTERM');
  await Promise.race([exited, sleep(5000, undefined, { ref: false })]);
  signal(-group, 'SIGKILL');
  await exited;
}

/** To a process, or to a group by its negative number. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
