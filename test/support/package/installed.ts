import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import * as z from 'zod';
import { temporaryFolder } from '../local/server-process.ts';
import { modelEnvironment } from '../model/environment.ts';

/** The package as `npm pack` makes it, installed into an empty folder. */
export interface Installed extends AsyncDisposable {
  /** The project that has it as its only dependency. */
  readonly folder: string;
  /** Of the tarball. */
  readonly tarball: string;
  readonly files: readonly string[];
  readonly bytes: number;
  /** Environment of a user with a home of their own, who has this machine's Node and not the one of this repository. */
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
}

const packed = z
  .array(z.object({ filename: z.string(), size: z.number(), files: z.array(z.object({ path: z.string() })) }))
  .length(1);

export async function packAndInstall(): Promise<Installed> {
  const temporary = await temporaryFolder();
  const [folder, home] = [join(temporary.path, 'project'), join(temporary.path, 'home')];
  await mkdir(folder);
  await mkdir(home);
  const outside = foreignEnvironment();
  const arguments_ = ['pack', '--json', '--pack-destination', temporary.path];
  const { stdout } = await promisify(execFile)('npm', arguments_, { env: outside, maxBuffer: 2 ** 24 });
  const [{ filename, size, files }] = z
    .tuple([packed.element])
    .parse(JSON.parse(stdout.slice(stdout.indexOf('['))));
  const tarball = join(temporary.path, filename);
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', tarball], {
    cwd: folder,
    env: outside,
  });
  const caches = { XDG_CACHE_HOME: '', XDG_DATA_HOME: '', MODEL_CACHE: '', DATA_DIR: '' };
  return {
    ...{ folder, home, tarball, bytes: size, files: files.map(({ path }) => path) },
    environment: { ...outside, ...(await modelEnvironment()), ...caches, HOME: home },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

/** This process' environment without what npm and this repository have put into it. */
function foreignEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|VITEST)/i.test(name));
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: path.join(delimiter) };
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the package's command or a program of this machine, and resolves to what it wrote even where it fails. */
export function runIn(
  { folder, environment: env }: Installed,
  program: string,
  args: readonly string[],
): Promise<Ended> {
  const file = program === 'label-on-upload' ? join(folder, 'node_modules/.bin', program) : program;
  return promisify(execFile)(file, [...args], { cwd: folder, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ended) => error,
  );
}

export interface Serving {
  readonly url: string;
  readonly process: ChildProcess;
  readonly exited: Promise<unknown[]>;
}

/** Starts the installed command's server; rejects where it ends before it is ready. */
export async function serve(
  { folder, environment }: Installed,
  args: readonly string[] = [],
  command = join(folder, 'node_modules/.bin/label-on-upload'),
): Promise<Serving> {
  const child = spawn(command, ['--port', '0', ...args], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => {
    throw new Error(`The command ended with ${code}.`);
  });
  ended.catch(() => {});
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /^Ready: (\S+)$/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  return { url: await Promise.race([ready, ended]), process: child, exited };
}
