import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { ImageFacts, ModelIdentity, Prediction, Timings } from '../../../functions/shared/job.ts';
import { limits } from '../../../functions/shared/limits.ts';
import { readModelDescription } from '../../../functions/shared/model-description.ts';
import type { StoredImage } from '../../../functions/shared/ports.ts';
import { type DecodeJpeg, loadJpegDecoder } from '../jpeg/decoder.ts';
import { type DecodedImage, decode } from './decode.ts';
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

function decodeUsualJpeg({ bytes }: StoredImage, decodeJpeg: DecodeJpeg): DecodedImage | undefined {
  const pixels = decodeJpeg(bytes);
  return pixels && { format: 'jpeg', width: pixels.width, height: pixels.height, pixels };
}

/** Loads the model from the folder that `layers/model` built. */
export async function openClassifier(modelDir: string, options: ClassifierOptions = {}): Promise<Classifier> {
  const { name, sha256, inputSize, labels } = await readModelDescription(modelDir);
  const [network, decodeJpeg, resize] = await Promise.all([
    openNetwork(join(modelDir, 'network.onnx'), inputSize, options),
    loadJpegDecoder(join(modelDir, 'jpeg.wasm')),
    loadResize(join(modelDir, 'resize.wasm'), inputSize),
  ]);
  // Buffers that no run uses: a new one each time would cost more to get from the system than to fill.
  const spareInputs: Uint8Array[] = [];
  const decodeOptions = { timeoutSeconds: options.decodeTimeoutSeconds ?? 10 };
  return {
    model: { name, sha256 },
    async classify(stored) {
      const digest = hash('sha256', stored.bytes);
      const started = performance.now();
      // Nothing is awaited between the JPEG kernel and the resizing: the samples stand in the kernel's memory.
      const decoded = decodeUsualJpeg(stored, decodeJpeg) ?? (await decode(stored, decodeOptions));
      const { format, width, height, pixels } = decoded;
      const decodedAt = performance.now();
      const input = resize(pixels, spareInputs.pop());
      const resized = performance.now();
      const scores = await network.run(input);
      spareInputs.push(input);
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
        timings: { decode: decodedAt - started, resize: resized - decodedAt, network: finished - resized },
      };
    },
    close: () => network.close(),
  };
}
