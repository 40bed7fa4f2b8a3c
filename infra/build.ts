/**
 * `npm run build [-- --architecture arm64|x86-64] [--out DIR]`: lays each function's folder and the model's layer under `dist/`, for both
 * packagings. The architecture is that of `cdk.json` unless said otherwise.
 */
import { chmod, copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { digestsFile, digestsOf } from '../aws/model-digests.ts';
import { modelFromEnvironment } from '../layers/model/build/environment.ts';
import { buildModel } from '../layers/model/build/index.ts';
import { progressBar } from '../layers/model/build/progress.ts';
import { buildPage } from '../web/build.ts';
import { buildNote, buildNoteFile, entryPoints, functionNames, layoutOf } from './assets.ts';
import { bundle } from './build/bundle.ts';
import { layKnownPicture } from './build/known-picture.ts';
import { layNativePackages } from './build/native-packages.ts';
import { describeSizes, sayTooLargeForZip } from './build/sizes.ts';

const root = join(import.meta.dirname, '..');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { architecture: { type: 'string' }, out: { type: 'string' } } });
  const note = buildNote.parse({ architecture: values.architecture ?? (await configuredArchitecture()) });
  const dir = resolve(root, values.out ?? 'dist');
  // What is half built must not look like a build: the folder gets its name once it is whole.
  const temporary = `${dir}.building`;
  await rm(temporary, { recursive: true, force: true });
  for (const name of functionNames) {
    const { folder, module } = layoutOf(name);
    await bundle(join(root, entryPoints[name]), join(temporary, folder), module);
  }
  await layNativePackages(root, join(temporary, 'classify'), note.architecture === 'arm64' ? 'arm64' : 'x64');
  await layModel(temporary);
  await writeFile(join(temporary, 'site', 'page.json'), JSON.stringify(await buildPage()));
  // An image is built from this folder, and its Dockerfile must lie within.
  await copyTo(join(root, 'functions/classify/Dockerfile'), join(temporary, 'Dockerfile'));
  await writeFile(join(temporary, buildNoteFile), JSON.stringify(note));
  await makeReadable(temporary);
  await rm(dir, { recursive: true, force: true });
  await rename(temporary, dir);
  console.log(await describeSizes(dir, parts));
  const tooLarge = await sayTooLargeForZip(dir);
  if (tooLarge !== undefined) console.log(tooLarge);
}

const parts = [
  ...new Set(functionNames.map((name) => layoutOf(name).folder)),
  'classify/node_modules/onnxruntime-node',
  'classify/node_modules/@img',
  'layer',
];

async function configuredArchitecture(): Promise<unknown> {
  const cdk = z.object({ context: z.object({ architecture: z.string().default('arm64') }) });
  return cdk.parse(JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8'))).context.architecture;
}

/**
 * The model goes to `/opt/model`. The site function, which only tells of it, gets the two files it reads; functions that check
 * the service get a picture and what the model sees in it.
 */
async function layModel(dir: string): Promise<void> {
  const model = await buildModel({
    ...modelFromEnvironment(process.env),
    cacheDir: join(root, '.cache/model'),
    onProgress: progressBar(process.stderr),
  });
  await cp(model.dir, join(dir, 'layer', 'model'), { recursive: true });
  const entries = await readdir(model.dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(model.dir, join(entry.parentPath, entry.name)));
  const described = ['labels.json', 'model.json'];
  for (const file of described) await copyTo(join(model.dir, file), join(dir, 'site', 'model', file));
  await layKnownPicture(model.dir, [join(dir, 'canary'), join(dir, 'release-check')]);
  await writeFile(
    join(dir, 'classify', digestsFile),
    JSON.stringify(await digestsOf(model.dir, files.sort())),
  );
}

async function copyTo(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** Lambda runs functions as a user that owns nothing of them. */
async function makeReadable(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
