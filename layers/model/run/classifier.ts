import { hash } from 'node:crypto';
import type { ImageFile } from './decode.ts';
import type { ImageFormat } from './format.ts';
import { type LargeJpegs, loadInputReader } from './input.ts';
import type { Prediction } from './labels.ts';
import { type ModelOptions, openModel } from './model.ts';
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

/** What was seen in an image, and the image as it came. */
export interface Classification {
  readonly image: ImageFacts;
  /** The best of them, best first. */
  readonly predictions: Prediction[];
  readonly timings: Timings;
}

/** A model that is loaded: `sha256` is that of its weights file. */
export interface Classifier {
  readonly model: { readonly name: string; readonly sha256: string };
  /**
   * @throws {ImageError} where the image cannot be classified, now or later.
   * @throws {Error} any other may not come again when tried again.
   */
  classify(image: ImageFile): Promise<Classification>;
  close(): Promise<void>;
}

export interface ClassifierOptions extends ModelOptions {
  readonly limits: ImageLimits;
  /** The longest an image's decoding may take, in seconds. */
  readonly decodeTimeoutSeconds?: number;
  /** `exact` unless told otherwise. */
  readonly largeJpegs?: LargeJpegs;
}

/** Loads the model from a folder that `../build` made. */
export async function openClassifier(modelDir: string, options: ClassifierOptions): Promise<Classifier> {
  const { limits, largeJpegs = 'exact', decodeTimeoutSeconds: timeoutSeconds = 10 } = options;
  const model = await openModel(modelDir, options);
  const shrinkTo = largeJpegs === 'shrink' ? model.shrinkTo : undefined;
  const readInput = await loadInputReader(modelDir, [model.frameOf], { limits, shrinkTo, timeoutSeconds });
  return {
    model: model.identity,
    async classify(stored) {
      const sha256 = hash('sha256', stored.bytes);
      const input = await readInput(stored, [model.takeBuffer()]);
      const [window] = input.windows;
      if (window === undefined) throw new Error('The image was not made into an input.');
      const started = performance.now();
      const predictions = await model.predict(window, input.decoded);
      const network = performance.now() - started;
      const { format, width, height, decode, resize } = input;
      return {
        image: { format, width, height, bytes: stored.bytes.byteLength, sha256 },
        predictions,
        timings: { decode, resize, network },
      };
    },
    close: () => model.close(),
  };
}
