import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const main = new URL('../../../local/main.ts', import.meta.url).pathname;

/** A server as `npm start` starts it, in a process of its own, on any free port. */
export interface ServerProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Process ids of its workers. */
  workers(): Promise<number[]>;
  signal(name: NodeJS.Signals): void;
  /** Resolves to the exit code, `null` where a signal ended it. */
  readonly exited: Promise<number | null>;
}

export type ServerEnvironment = Readonly<Record<string, string>>;

/** Starts a server; rejects with what it printed where it ends before it is ready. */
export async function startServerProcess(
  environment: ServerEnvironment,
  program = main,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    env: { ...process.env, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const ready = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const address = /(?:^|"msg":")Ready: ([^\s"]+)/.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      });
    }
  });
  const failed = exited.then((code) => {
    throw new ServerEnded(code, lines.join('\n'));
  });
  failed.catch(() => {});
  const url = await Promise.race([ready, failed]);
  return {
    url,
    process: child,
    output: () => lines.join('\n'),
    workers: () => childrenOf(child.pid),
    signal: (name) => void child.kill(name),
    exited,
  };
}

/** The server ended before it was ready. */
export class ServerEnded extends Error {
  readonly code: number | null;

  constructor(code: number | null, output: string) {
    super(output);
    this.code = code;
  }
}

/** Stops a server without ceremony. */
export async function kill(server: ServerProcess): Promise<void> {
  server.signal('SIGKILL');
  await server.exited;
}

/** A folder that is gone when it is disposed of. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'label-on-upload-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function childrenOf(pid: number | undefined): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
