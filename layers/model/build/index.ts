import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelFiles } from '../folder.ts';
import { sha256OfBuilder } from './builder-digest.ts';
import { sha256OfFile } from './digest.ts';
import { DownloadError, download, type Progress } from './download.ts';
import { type Artefact, readManifest } from './manifest.ts';
import type { OutputKind } from './own/kinds.ts';
import { type BuiltModel, publish, readBuilt, writeFolder } from './publish.ts';
import { alphaOf, nameOf, sideOf } from './variant.ts';

export type { Progress } from './download.ts';
export type { BuiltModel } from './publish.ts';

export interface BuildOptions {
  /** A person's own model, a folder or an `.onnx` file: `docs/own-model.md` says of which kinds. It wins over `weights`. */
  readonly model?: string | undefined;
  /** Another `.onnx` file of that folder. */
  readonly modelFile?: string | undefined;
  /** What that model's output is, where its files do not tell. */
  readonly modelOutput?: OutputKind | undefined;
  /** A Keras weights file of MobileNetV2; without it the published one is fetched. */
  readonly weights?: string | undefined;
  /** A class index of Keras' form, or the labels of a model that has none beside it; without it the published one is fetched. */
  readonly labels?: string | undefined;
  /** Folder for downloads and for what was built, such as `.cache/model`. */
  readonly cacheDir: string;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Makes the folder that every runtime loads the model from: `network.onnx`, `jpeg.wasm`, `resize.wasm`, `labels.json` and `model.json`.
 * A folder that was built before from the same weights and labels by the same builder is used again.
 * @throws {Error} whose message is one sentence for the person at the terminal, where an input is missing or cannot be used.
 */
export async function buildModel(options: BuildOptions): Promise<BuiltModel> {
  if (options.model !== undefined) {
    const { buildOwnModel } = await import('./own/index.ts');
    const { model, modelFile, modelOutput: output, labels, cacheDir } = options;
    return buildOwnModel({ model, modelFile, output, labels, cacheDir });
  }
  const manifest = await readManifest();
  const weights = options.weights ?? (await fetchInput('MODEL_WEIGHTS', manifest.weights, options));
  const sha256 = await digestInput('MODEL_WEIGHTS', weights);
  const labels = options.labels ?? (await fetchInput('MODEL_LABELS', manifest.labels, options));
  const side = sideOf(weights);
  const parts = [sha256, await digestInput('MODEL_LABELS', labels), await sha256OfBuilder()];
  const dir = join(options.cacheDir, [...parts.map((digest) => digest.slice(0, 12)), side].join('-'));
  const known = await readBuilt(dir);
  if (known) return known;
  return publish(dir, (temporary) => write(temporary, { sha256, weights, labels, side }));
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

interface Inputs {
  readonly sha256: string;
  readonly weights: string;
  readonly labels: string;
  readonly side: number;
}

async function write(dir: string, { sha256, weights, labels: index, side }: Inputs): Promise<void> {
  // Loaded here, for the same reason as the compiler of the kernels.
  const [{ withKerasWeights }, { buildNetwork, describeMobileNet }, { readClassIndex }] = await Promise.all([
    import('./keras.ts'),
    import('./network.ts'),
    import('./class-index.ts'),
  ]);
  const { onnx, classes, name } = await withKerasWeights(weights, (read) => {
    const named = nameOf(alphaOf(read), side);
    return { ...buildNetwork(read, named, side), name: named };
  });
  const labels = await readClassIndex(index, classes);
  await writeFile(join(dir, modelFiles.network), onnx);
  await writeFolder(dir, { name, sha256, classes, ...describeMobileNet(side) }, labels);
}
