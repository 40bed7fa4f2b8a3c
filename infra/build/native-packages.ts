import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { exists } from '../exists.ts';

/** As Node names it in `process.arch`, and npm in a package's name. */
export type Cpu = 'arm64' | 'x64';

/** What a function needs of a package, by the start of the path inside it. */
interface Package {
  readonly name: string;
  readonly parts: readonly string[];
}

/** What sharp, onnxruntime-node and libheif-js load when they run; onnxruntime's other dependencies are for its install script. */
function neededPackages(cpu: Cpu): Package[] {
  return [
    { name: 'sharp', parts: ['dist'] },
    { name: '@img/colour', parts: [''] },
    { name: 'detect-libc', parts: ['lib'] },
    { name: 'semver', parts: [''] },
    ...platformPackages(cpu).map((name) => ({ name, parts: [''] })),
    { name: 'onnxruntime-node', parts: ['dist', join('bin', 'napi-v6', 'linux', cpu)] },
    { name: 'onnxruntime-common', parts: [join('dist', 'cjs')] },
    { name: 'libheif-js', parts: ['libheif.js', 'libheif.wasm'].map((file) => join('libheif-wasm', file)) },
  ];
}

function platformPackages(cpu: Cpu): string[] {
  return [`@img/sharp-linux-${cpu}`, `@img/sharp-libvips-linux-${cpu}`];
}

const runtimeFile = /\.(?:c?js|mjs|json|node|wasm|so(?:\.\d+)*)$/;

/**
 * Lays sharp and onnxruntime-node for Linux (glibc, as Lambda's Amazon Linux 2023) on one processor into `outdir/node_modules`, without
 * what only installing or other platforms need.
 */
export async function layNativePackages(root: string, outdir: string, cpu: Cpu): Promise<void> {
  const fetched = await fetchPlatformPackages(root, cpu);
  try {
    for (const { name, parts } of neededPackages(cpu)) {
      const from = await findPackage(name, [join(root, 'node_modules'), fetched]);
      await copyParts(from, join(outdir, 'node_modules', name), parts);
    }
  } finally {
    if (fetched !== undefined) await rm(join(fetched, '..'), { recursive: true });
  }
}

async function findPackage(name: string, folders: readonly (string | undefined)[]): Promise<string> {
  for (const folder of folders) {
    if (folder !== undefined && (await exists(join(folder, name)))) return join(folder, name);
  }
  throw new Error(`${name} is not installed: run "npm ci" first.`);
}

async function copyParts(from: string, to: string, parts: readonly string[]): Promise<void> {
  await cp(from, to, {
    recursive: true,
    dereference: true,
    filter: async (source) => {
      const path = relative(from, source);
      const keep =
        path === 'package.json' || path.startsWith('LICENSE') || parts.some((part) => within(path, part));
      if (!keep && !parts.some((part) => within(part, path))) return false;
      if ((await stat(source)).isDirectory()) return !path.split(sep).includes('include');
      return keep && (path.startsWith('LICENSE') || runtimeFile.test(source) || extname(source) === '');
    },
  });
}

function within(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(folder + sep);
}

const lockSchema = z.looseObject({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })),
});

/**
 * Fetches sharp's binaries for another platform than this one, at the version and with the digest that the lock file says.
 * @returns the `node_modules` that they are in; `undefined` where they are installed here anyway.
 */
async function fetchPlatformPackages(root: string, cpu: Cpu): Promise<string | undefined> {
  const names = platformPackages(cpu);
  const installed = await Promise.all(names.map((name) => exists(join(root, 'node_modules', name))));
  if (installed.every(Boolean)) return undefined;
  const lock = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  // Optional: for any others npm looks at this machine instead of at the target.
  const optionalDependencies = Object.fromEntries(
    names.map((name) => [name, lock.packages[`node_modules/${name}`]?.version ?? '']),
  );
  const manifest = { name: 'platform-packages', version: '0.0.0', private: true, optionalDependencies };
  const packages = Object.fromEntries([
    ['', manifest],
    ...names.map((name) => [`node_modules/${name}`, lock.packages[`node_modules/${name}`]]),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'platform-packages-'));
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(
    join(folder, 'package-lock.json'),
    JSON.stringify({ name: manifest.name, version: manifest.version, lockfileVersion: 3, packages }),
  );
  const target = ['--os', 'linux', '--cpu', cpu, '--libc', 'glibc'];
  await promisify(execFile)('npm', ['ci', ...target, '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
  });
  return join(folder, 'node_modules');
}
