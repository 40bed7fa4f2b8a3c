/**
 * `npm run build [-- --architecture arm64|x86-64] [--model PATH] [--out DIR]`: lays each function's folder and the model's layer under
 * `dist/`, for both packagings. Architecture and model are those of `cdk.json` unless said otherwise; `MODEL` names a model too.
 */
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { digestsFile, digestsOf } from '../aws/model-digests.ts';
import { modelFromEnvironment } from '../layers/model/build/environment.ts';
import { progressBar } from '../layers/model/build/progress.ts';
import { type BuiltModels, buildModels, copyModels } from '../layers/model/build/several.ts';
import { listFile, modelFiles } from '../layers/model/folder.ts';
import { needsOf } from '../layers/model/needs.ts';
import { buildPage } from '../web/build.ts';
import { buildDocs } from '../web/docs/build.ts';
import { type BuildNote, buildNote, buildNoteFile, entryPoints, functionNames, layoutOf } from './assets.ts';
import { bundle } from './build/bundle.ts';
import { withCompressed } from './build/compressed.ts';
import { layKnownPicture } from './build/known-picture.ts';
import { layNativePackages } from './build/native-packages.ts';
import { describeSizes, sayTooLargeForZip } from './build/sizes.ts';
import { lambdaNeeds, type MeasuredNeeds } from './model-needs.ts';

const root = join(import.meta.dirname, '..');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { architecture: { type: 'string' }, model: { type: 'string' }, out: { type: 'string' } },
  });
  const configured = await readContext();
  const { architecture } = buildNote.parse({ architecture: values.architecture ?? configured.architecture });
  const dir = resolve(root, values.out ?? 'dist');
  // What is half built must not look like a build: the folder gets its name once it is whole.
  const temporary = `${dir}.building`;
  await rm(temporary, { recursive: true, force: true });
  try {
    const built = await layModels(temporary, values.model ?? (process.env.MODEL || configured.model));
    const said = await lay(temporary, architecture, built);
    await rm(dir, { recursive: true, force: true });
    await rename(temporary, dir);
    console.log([await describeSizes(dir, parts), ...said].join('\n'));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Lays everything else into a folder that has the model. Answers with what there is to say. */
async function lay(
  dir: string,
  architecture: BuildNote['architecture'],
  { models }: BuiltModels,
): Promise<readonly string[]> {
  for (const name of functionNames) {
    const { folder, module } = layoutOf(name);
    await bundle(join(root, entryPoints[name]), join(dir, folder), module);
  }
  await layNativePackages(root, join(dir, 'classify'), architecture === 'arm64' ? 'arm64' : 'x64');
  await layPages(join(dir, 'site'));
  // An image is built from this folder, and its Dockerfile must lie within.
  await copyTo(join(root, 'functions/classify/Dockerfile'), join(dir, 'Dockerfile'));
  const zipProblem = await sayTooLargeForZip(dir);
  const measured = needsOf(models);
  const own = measured && { needs: measured, ...(zipProblem !== undefined && { zipProblem }) };
  const note: BuildNote = { architecture, ...(own && { model: own }) };
  const needs = own && describeNeeds(models, own.needs);
  await writeFile(join(dir, buildNoteFile), JSON.stringify(note));
  await makeReadable(dir);
  return [needs, zipProblem].filter((line) => line !== undefined);
}

const parts = [
  ...new Set(functionNames.map((name) => layoutOf(name).folder)),
  'classify/node_modules/onnxruntime-node',
  'classify/node_modules/@img',
  'layer',
];

const contextSchema = z.object({
  architecture: z.string().default('arm64'),
  model: z.string().optional(),
});

/** What `cdk.json` says of the build. */
async function readContext(): Promise<z.infer<typeof contextSchema>> {
  const text = await readFile(join(root, 'cdk.json'), 'utf8');
  return z.object({ context: contextSchema }).parse(JSON.parse(text)).context;
}

/** What was measured, and what Lambda functions get for it unless the settings say otherwise. */
function describeNeeds(models: BuiltModels['models'], needs: MeasuredNeeds): string {
  const name = models.map((model) => model.name).join(' and ');
  const { memoryMb, classifySeconds } = lambdaNeeds(needs, 5);
  const times = `${needs.loadMilliseconds.toFixed(0)} ms to load and ${needs.runMilliseconds.toFixed(0)} ms for a picture`;
  return `${name} took ${needs.memoryMb} MB, ${times}: functions get ${memoryMb} MB and ${classifySeconds} s.`;
}

/**
 * The model, or several, go to `/opt/model`. The site function, which only tells of them, gets the files it reads; functions that check
 * the service get a picture and what the default model sees in it.
 */
async function layModels(dir: string, own: string | undefined): Promise<BuiltModels> {
  const built = await buildModels({
    ...modelFromEnvironment({ ...process.env, MODEL: own }),
    cacheDir: resolve(process.env.MODEL_CACHE || join(root, '.cache/model')),
    onProgress: progressBar(process.stderr),
  });
  const layer = join(dir, 'layer', 'model');
  await copyModels(built.dir, layer);
  const entries = await readdir(layer, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(layer, join(entry.parentPath, entry.name)));
  const described = files.filter((file) => descriptions.includes(basename(file)));
  for (const file of described) await copyTo(join(layer, file), join(dir, 'site', 'model', file));
  await layKnownPicture(layer, [join(dir, 'canary'), join(dir, 'release-check')]);
  await mkdir(join(dir, 'classify'), { recursive: true });
  await writeFile(join(dir, 'classify', digestsFile), JSON.stringify(await digestsOf(layer, files.sort())));
  return built;
}

const descriptions: readonly string[] = [modelFiles.labels, modelFiles.description, listFile];

/** The pages of the site function, with their files compressed. */
async function layPages(dir: string): Promise<void> {
  const pages = { 'page.json': buildPage(), 'docs.json': buildDocs() };
  for (const [name, page] of Object.entries(pages))
    await writeFile(join(dir, name), JSON.stringify(await withCompressed(await page)));
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
