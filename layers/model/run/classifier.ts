import { hash } from 'node:crypto';
import { join } from 'node:path';
import { modelFiles, readModelDescription } from '../folder.ts';
import { type DecodeJpeg, loadJpegDecoder } from '../jpeg/decoder.ts';
import { type DecodedImage, decode, type ImageFile } from './decode.ts';
import type { ImageFormat } from './format.ts';
import { bestPredictions, type Prediction } from './labels.ts';
import { type NetworkOptions, openNetwork } from './network.ts';
import { loadResize } from './resize.ts';
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
}

function decodeUsualJpeg({ bytes }: ImageFile, decodeJpeg: DecodeJpeg): DecodedImage | undefined {
  const pixels = decodeJpeg(bytes);
  return pixels && { format: 'jpeg', width: pixels.width, height: pixels.height, pixels };
}

/** Loads the model from a folder that `../build` made. */
export async function openClassifier(modelDir: string, options: ClassifierOptions): Promise<Classifier> {
  const { limits, keptPredictions } = options;
  const { name, sha256, inputSize, labels } = await readModelDescription(modelDir);
  const [network, decodeJpeg, resize] = await Promise.all([
    openNetwork(join(modelDir, modelFiles.network), inputSize, options),
    loadJpegDecoder(join(modelDir, modelFiles.jpegKernel), inputSize, limits),
    loadResize(join(modelDir, modelFiles.resizeKernel), inputSize),
  ]);
  // Buffers that no run uses: a new one each time would cost more to get from the system than to fill.
  const spareInputs: Uint8Array[] = [];
  const decodeOptions = { limits, inputSize, timeoutSeconds: options.decodeTimeoutSeconds ?? 10 };
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
        predictions: bestPredictions(scores, labels, keptPredictions),
        timings: { decode: decodedAt - started, resize: resized - decodedAt, network: finished - resized },
      };
    },
    close: () => network.close(),
  };
}
