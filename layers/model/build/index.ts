import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { modelFiles, modelSchema } from '../folder.ts';
import { INPUT_SIZE } from './architecture.ts';
import { sha256OfBuilder, sha256OfFile } from './digest.ts';
import { DownloadError, download, type Progress } from './download.ts';
import { type Artefact, readManifest } from './manifest.ts';

export type { Progress } from './download.ts';

export interface BuildOptions {
  /** A Keras weights file of this network; without it the published one is fetched. */
  readonly weights?: string | undefined;
  /** A class index of Keras' form; without it the published one is fetched. */
  readonly labels?: string | undefined;
  /** Folder for downloads and for what was built, such as `.cache/model`. */
  readonly cacheDir: string;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What stands in `model.json`, and the folder that it stands in. */
export interface BuiltModel extends Readonly<z.infer<typeof modelSchema>> {
  readonly dir: string;
}

/**
 * Makes the folder that every runtime loads the model from: `network.onnx`, `jpeg.wasm`, `resize.wasm`, `labels.json` and `model.json`.
 * A folder that was built before from the same weights and labels by the same builder is used again.
 * @throws {Error} whose message is one sentence for the person at the terminal, where an input is missing or cannot be used.
 */
export async function buildModel(options: BuildOptions): Promise<BuiltModel> {
  const manifest = await readManifest();
  const weights = options.weights ?? (await fetchInput('MODEL_WEIGHTS', manifest.weights, options));
  const sha256 = await digestInput('MODEL_WEIGHTS', weights);
  const labels = options.labels ?? (await fetchInput('MODEL_LABELS', manifest.labels, options));
  const parts = [sha256, await digestInput('MODEL_LABELS', labels), await sha256OfBuilder()];
  const dir = join(options.cacheDir, parts.map((digest) => digest.slice(0, 12)).join('-'));
  const known = await readBuilt(dir);
  if (known) return known;
  return publish(dir, (temporary) => write(temporary, { name: manifest.name, sha256, weights, labels }));
}

async function fetchInput(variable: string, artefact: Artefact, options: BuildOptions): Promise<string> {
  const path = join(options.cacheDir, 'downloads', artefact.file);
  try {
    await download(artefact, path, { onProgress: options.onProgress });
  } catch (cause) {
    if (!(cause instanceof DownloadError)) throw cause;
    throw new Error(
      `${cause.message} Put ${artefact.file} anywhere and name it with ${variable}=/path/to/${artefact.file}`,
      {
        cause,
      },
    );
  }
  return path;
}

async function digestInput(variable: string, path: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) throw new Error(`${variable} names ${path}, and there is no such file.`);
  return sha256OfFile(path);
}

async function readBuilt(dir: string): Promise<BuiltModel | undefined> {
  const text = await readFile(join(dir, modelFiles.description), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { ...modelSchema.parse(JSON.parse(text)), dir };
}

/** Writes a folder under a temporary name and renames it. Where two processes do it at once, the first one's stays. */
async function publish(dir: string, fill: (temporary: string) => Promise<void>): Promise<BuiltModel> {
  const temporary = `${dir}.${randomUUID()}`;
  await mkdir(temporary, { recursive: true });
  try {
    await fill(temporary);
    await rename(temporary, dir).catch(() => undefined);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  const built = await readBuilt(dir);
  if (!built) throw new Error(`The model cannot be written to ${dir}.`);
  return built;
}

interface Inputs {
  readonly name: string;
  readonly sha256: string;
  readonly weights: string;
  readonly labels: string;
}

async function write(dir: string, { name, sha256, weights, labels }: Inputs): Promise<void> {
  // Loaded here: they take longer than everything else, and a start that finds the folder built needs none of them.
  const [{ compileKernel }, { withKerasWeights }, { buildNetwork }, { readClassIndex }] = await Promise.all([
    import('./compile-kernel.ts'),
    import('./keras.ts'),
    import('./network.ts'),
    import('./class-index.ts'),
  ]);
  const { onnx, classes } = await withKerasWeights(weights, (read) => buildNetwork(read, name));
  const model: z.infer<typeof modelSchema> = { name, sha256, inputSize: INPUT_SIZE, classes };
  await writeFile(join(dir, modelFiles.network), onnx);
  await writeFile(join(dir, modelFiles.labels), JSON.stringify(await readClassIndex(labels, classes)));
  await writeFile(join(dir, modelFiles.jpegKernel), await compileKernel('jpeg'));
  await writeFile(join(dir, modelFiles.resizeKernel), await compileKernel('resize'));
  await writeFile(join(dir, modelFiles.description), JSON.stringify(model));
}
