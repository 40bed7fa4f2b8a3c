import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilAnswering } from './emulator.ts';

export interface ServerOptions {
  readonly command: string;
  readonly parts?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Where everything it prints goes. */
  readonly log: string;
  /** An address that answers once it is ready, and how long that may take. */
  readonly ready: string;
  readonly seconds: number;
}

/**
 * Starts a server and waits until it is ready.
 * @returns what stops it.
 * @throws {Error} where it ends before, or takes too long.
 */
export async function startServer(options: ServerOptions): Promise<() => Promise<void>> {
  await mkdir(dirname(options.log), { recursive: true });
  const log = await open(options.log, 'w');
  const child = spawn(options.command, options.parts ?? [], {
    cwd: dirname(options.log),
    stdio: ['ignore', log.fd, log.fd],
    env: options.environment,
  });
  const end = ended(child, options.log);
  try {
    await log.close();
    await Promise.race([untilAnswering(options.ready, options.seconds), end]);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return () => stop(child);
}

async function ended(child: ChildProcess, log: string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`${child.spawnfile} ended with code ${code}: see ${log}.`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  if (await Promise.race([exited.then(() => true), sleep(5000, false, { ref: false })])) return;
  child.kill('SIGKILL');
  await exited;
}
