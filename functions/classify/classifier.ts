import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { ImageFacts, ModelIdentity, Prediction, Timings } from '../shared/job.ts';
import { limits } from '../shared/limits.ts';
import { readModelDescription } from '../shared/model-description.ts';
import type { StoredImage } from '../shared/ports.ts';
import { decode } from './decode.ts';
import { bestPredictions } from './labels.ts';
import { type NetworkOptions, openNetwork } from './network.ts';
import { loadResize } from './resize.ts';

/** What was seen in an image, and the image as it came. */
export interface Classification {
  readonly image: ImageFacts;
  /** The best 20, best first. */
  readonly predictions: Prediction[];
  readonly timings: Timings;
}

/** A model that is loaded: `sha256` is that of its weights file. */
export interface Classifier {
  readonly model: ModelIdentity;
  /**
   * @throws {Problem} where the image cannot be classified, now or later.
   * @throws {Error} any other may not come again when tried again.
   */
  classify(image: StoredImage): Promise<Classification>;
  close(): Promise<void>;
}

export interface ClassifierOptions extends NetworkOptions {
  /** The longest an image's decoding may take, in seconds. */
  readonly decodeTimeoutSeconds?: number;
}

/** Loads the model from the folder that `layers/model` built. */
export async function openClassifier(modelDir: string, options: ClassifierOptions = {}): Promise<Classifier> {
  const { name, sha256, inputSize, labels } = await readModelDescription(modelDir);
  const [network, resize] = await Promise.all([
    openNetwork(join(modelDir, 'network.onnx'), inputSize, options),
    loadResize(join(modelDir, 'resize.wasm'), inputSize),
  ]);
  const decodeOptions = { timeoutSeconds: options.decodeTimeoutSeconds ?? 10 };
  return {
    model: { name, sha256 },
    async classify(stored) {
      const started = performance.now();
      const decoding = decode(stored, decodeOptions);
      // While another thread decodes.
      const digest = hash('sha256', stored.bytes);
      const { format, width, height, pixels } = await decoding;
      const decoded = performance.now();
      const input = resize(pixels);
      const resized = performance.now();
      const scores = await network.run(input);
      const finished = performance.now();
      return {
        image: {
          format,
          width,
          height,
          bytes: stored.bytes.byteLength,
          sha256: digest,
        },
        predictions: bestPredictions(scores, labels, limits.keptPredictions),
        timings: { decode: decoded - started, resize: resized - decoded, network: finished - resized },
      };
    },
    close: () => network.close(),
  };
}
