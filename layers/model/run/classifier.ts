import { hash } from 'node:crypto';
import { findModels, type NamedFolder } from '../folder.ts';
import type { ImageFile } from './decode.ts';
import { ImageError } from './errors.ts';
import type { ImageFormat } from './format.ts';
import { type ImageInput, type LargeJpegs, loadInputReader } from './input.ts';
import type { Prediction } from './labels.ts';
import { type LoadedModel, type ModelOptions, openModel } from './model.ts';
import type { ImageLimits, Size } from './size.ts';

/** What an image file was. Its size is that of the upright picture. */
export interface ImageFacts extends Size {
  readonly format: ImageFormat;
  readonly bytes: number;
  /** Of the file, in hex. */
  readonly sha256: string;
}

/** Milliseconds spent in each step. */
export interface Timings {
  readonly decode: number;
  readonly resize: number;
  readonly network: number;
}

/** Which weights answered. */
export interface ModelIdentity {
  readonly name: string;
  /** Of the weights file, in hex. */
  readonly sha256: string;
}

/** What one model saw in an image. */
export interface ModelResult {
  readonly model: ModelIdentity;
  /** The best classes, best first. */
  readonly predictions: Prediction[];
}

/** What was seen in an image, and the image as it came: by the model that was asked, or by the first of several. */
export interface Classification extends ModelResult {
  readonly image: ImageFacts;
  /** Of all models together. */
  readonly timings: Timings;
  /** Where several models were asked: what each saw, by the name it is called by, in the order in which they were asked. */
  readonly results?: Readonly<Record<string, ModelResult>>;
}

/** Models that are loaded. */
export interface Classifier {
  /** The default one. */
  readonly model: ModelIdentity;
  /**
   * Decodes the image once, however many models see it.
   * @param models what they are called by; the default one where nothing is said.
   * @throws {ImageError} where the image cannot be classified, now or later.
   * @throws {Error} any other may not come again when tried again.
   */
  classify(image: ImageFile, models?: readonly string[]): Promise<Classification>;
  close(): Promise<void>;
}

export interface ClassifierOptions extends ModelOptions {
  readonly limits: ImageLimits;
  /** The longest an image's decoding may take, in seconds. */
  readonly decodeTimeoutSeconds?: number;
  /** `exact` unless told otherwise. */
  readonly largeJpegs?: LargeJpegs;
}

/** A model that is loaded, and where its frame stands among those of the reader. */
interface Loaded extends LoadedModel {
  readonly calledBy: string;
  readonly frame: number;
}

/** Loads the model, or the several, from a folder that `../build` made. */
export async function openClassifier(modelDir: string, options: ClassifierOptions): Promise<Classifier> {
  const { limits, largeJpegs = 'exact', decodeTimeoutSeconds: timeoutSeconds = 10 } = options;
  const open = async ({ name, dir }: NamedFolder, frame: number): Promise<Loaded> => ({
    ...(await openModel(dir, options)),
    ...{ calledBy: name, frame },
  });
  const [folder, ...others] = await findModels(modelDir);
  const first = await open(folder, 0);
  const models = [first, ...(await Promise.all(others.map((other, at) => open(other, at + 1))))];
  const shrinkTo = largeJpegs === 'shrink' ? smallestForAll(models) : undefined;
  const readInput = await loadInputReader(
    folder.dir,
    models.map((model) => model.frameOf),
    { limits, shrinkTo, timeoutSeconds },
  );
  return {
    model: first.identity,
    async classify(stored, names) {
      const asked = names === undefined ? [first] : names.map((name) => named(models, name));
      const sha256 = hash('sha256', stored.bytes);
      const wanted = asked.map((model) => ({ frame: model.frame, target: model.takeBuffer() }));
      const input = await readInput(stored, wanted);
      const started = performance.now();
      const results = await runAll(asked, input);
      const network = performance.now() - started;
      const { format, width, height, decode, resize } = input;
      return {
        image: { format, width, height, bytes: stored.bytes.byteLength, sha256 },
        timings: { decode, resize, network },
        ...results,
      };
    },
    async close() {
      await Promise.all(models.map((model) => model.close()));
    },
  };
}

function named(models: readonly Loaded[], name: string): Loaded {
  const found = models.find((model) => model.calledBy === name);
  if (found !== undefined) return found;
  throw new ImageError(
    'model_missing',
    `No model is called ${name} any more: GET /models lists those that there are.`,
  );
}

/** One network after the other: each has the threads that there are for an image. */
async function runAll(
  models: readonly Loaded[],
  { windows, decoded }: ImageInput,
): Promise<Pick<Classification, 'model' | 'predictions' | 'results'>> {
  const results: [string, ModelResult][] = [];
  for (const [at, { calledBy, identity, predict }] of models.entries()) {
    const window = windows[at];
    if (window === undefined) throw new Error('The image was not made into an input.');
    results.push([calledBy, { model: identity, predictions: await predict(window, decoded) }]);
  }
  const [[, first] = []] = results;
  if (first === undefined) throw new Error('No model was asked.');
  return results.length === 1 ? first : { ...first, results: Object.fromEntries(results) };
}

/** One decode serves all models, alone or together: it is shrunk as far as the one allows that needs most, so that scores stay the same. */
function smallestForAll(models: readonly LoadedModel[]): number | undefined {
  const sides = models.map((model) => model.shrinkTo ?? Number.POSITIVE_INFINITY);
  const most = Math.max(...sides);
  return Number.isFinite(most) ? most : undefined;
}
