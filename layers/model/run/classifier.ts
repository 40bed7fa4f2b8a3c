import { hash } from 'node:crypto';
import { join } from 'node:path';
import { modelFiles, readModelDescription } from '../folder.ts';
import type { ImageFile } from './decode.ts';
import type { ImageFormat } from './format.ts';
import { type LargeJpegs, loadInputReader } from './input.ts';
import { bestPredictions, type Prediction } from './labels.ts';
import { type NetworkOptions, openNetwork } from './network.ts';
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

export interface ClassifierOptions extends NetworkOptions {
  readonly limits: ImageLimits;
  /** How many predictions to answer with. */
  readonly keptPredictions: number;
  /** The longest an image's decoding may take, in seconds. */
  readonly decodeTimeoutSeconds?: number;
  /** `exact` unless told otherwise. */
  readonly largeJpegs?: LargeJpegs;
}

/** Loads the model from a folder that `../build` made. */
export async function openClassifier(modelDir: string, options: ClassifierOptions): Promise<Classifier> {
  const { limits, keptPredictions } = options;
  const { name, sha256, inputSize, labels } = await readModelDescription(modelDir);
  const { largeJpegs = 'exact', decodeTimeoutSeconds: timeoutSeconds = 10 } = options;
  const [network, readInput] = await Promise.all([
    openNetwork(join(modelDir, modelFiles.network), inputSize, options),
    loadInputReader(modelDir, { inputSize, limits, largeJpegs, timeoutSeconds }),
  ]);
  // Buffers that no run uses: a new one each time would cost more to get from the system than to fill.
  const spareInputs: Uint8Array[] = [];
  return {
    model: { name, sha256 },
    async classify(stored) {
      const digest = hash('sha256', stored.bytes);
      const input = await readInput(stored, spareInputs.pop());
      const started = performance.now();
      const scores = await network.run(input.samples);
      spareInputs.push(input.samples);
      const finished = performance.now();
      return {
        image: {
          format: input.format,
          width: input.width,
          height: input.height,
          bytes: stored.bytes.byteLength,
          sha256: digest,
        },
        predictions: bestPredictions(scores, labels, keptPredictions),
        timings: { decode: input.decode, resize: input.resize, network: finished - started },
      };
    },
    close: () => network.close(),
  };
}
