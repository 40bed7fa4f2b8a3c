/**
 * `npm pack` runs this first: lays what the package ships into `lib/`. The code is compiled, because Node strips no types below
 * `node_modules`, and bundled with the libraries that it uses, except those with binaries or types of their own, which stay dependencies.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { requireBanner } from '../infra/build/bundle.ts';
import { sha256OfBuilder } from '../layers/model/build/builder-digest.ts';
import { compileKernel } from '../layers/model/build/compile-kernel.ts';
import { buildPage } from '../web/build.ts';
import { buildDocs } from '../web/docs/build.ts';
import { licencesOf } from './licences.ts';
import { runtimeFolder } from './platform.ts';
import { prebuilt } from './prebuilt.ts';
import { replaceModules } from './stand-ins.ts';

const root = join(import.meta.dirname, '..');
const lib = join(root, 'lib');

/** The commands, and the modules that are started in processes and threads of their own, which must lie beside what starts them. */
const entryPoints = {
  serve: 'local/main.ts',
  predict: 'cli/predict/main.ts',
  backfill: 'cli/backfill/main.ts',
  results: 'cli/backfill/results.ts',
  model: 'cli/model/main.ts',
  worker: 'local/workers/worker.ts',
  checkpoints: 'local/stores/checkpoints.ts',
  'trial-process': 'layers/model/build/own/trial-process.ts',
};

/** Packages that stay packages: they have binaries beside their code, or another licence. */
const external = ['sharp', 'h5wasm', 'libheif-js', 'onnxruntime-common'];

async function main(): Promise<void> {
  await rm(lib, { recursive: true, force: true });
  const { inputs } = await bundleCode();
  await bundleCommand();
  await layPrebuilt();
  await layRuntime();
  await layClient();
  await writeFile(join(lib, 'LICENSES.txt'), await licencesOf(root, Object.keys(inputs)));
}

async function bundleCode(): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(entryPoints).map(([name, path]) => [name, join(root, path)]),
    ),
    outdir: lib,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    external,
    plugins: [replaceModules(root)],
    banner: { js: requireBanner },
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** By itself and for an older Node, which reads this much before it hands over to a newer one. */
async function bundleCommand(): Promise<void> {
  const outfile = join(lib, 'label-on-upload.js');
  await build({
    entryPoints: [join(root, 'pack/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  });
  await chmod(outfile, 0o755);
}

async function layPrebuilt(): Promise<void> {
  for (const kernel of ['jpeg', 'resize'] as const)
    await writeFile(join(lib, prebuilt.kernel(kernel)), await compileKernel(kernel));
  await writeFile(join(lib, prebuilt.page), JSON.stringify(await buildPage()));
  await writeFile(join(lib, prebuilt.docs), JSON.stringify(await buildDocs()));
  await writeFile(join(lib, prebuilt.builderDigest), await sha256OfBuilder());
  for (const file of ['manifest.json', 'onnx.proto'])
    await copyFile(join(root, 'layers/model/build', file), join(lib, file));
}

/**
 * ONNX Runtime for this platform, without the script that would fetch GPU libraries. As a dependency it would be 300 MB, of which 255
 * are for other platforms (docs/decisions/one-package.md).
 */
async function layRuntime(): Promise<void> {
  const from = join(root, 'node_modules/onnxruntime-node');
  const to = join(lib, 'onnxruntime');
  const binaries = join(process.platform, process.arch);
  await mkdir(join(lib, runtimeFolder), { recursive: true });
  await cp(join(from, 'bin/napi-v6', binaries), join(lib, runtimeFolder, binaries), { recursive: true });
  await mkdir(join(to, 'dist'));
  for (const file of (await readdir(join(from, 'dist'))).filter((name) => name.endsWith('.js')))
    await copyFile(join(from, 'dist', file), join(to, 'dist', file));
  await writeFile(join(to, 'package.json'), '{"type":"commonjs"}\n');
}

/** The typed client, a module for each of its own, with declarations. */
async function layClient(): Promise<void> {
  await promisify(execFile)('npx', ['tsc', '--project', 'pack'], { cwd: root });
  const client = join(lib, 'client');
  for (const file of (await readdir(client)).filter((name) => name.endsWith('.d.ts'))) {
    const text = await readFile(join(client, file), 'utf8');
    await writeFile(join(client, file), text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
  }
}

await main();
