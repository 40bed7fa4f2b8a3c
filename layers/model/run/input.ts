import { join } from 'node:path';
import { modelFiles } from '../folder.ts';
import { loadJpegDecoder } from '../jpeg/decoder.ts';
import { decode, type ImageFile } from './decode.ts';
import type { ImageFormat } from './format.ts';
import { readJpegFrame, shrinkFactor } from './jpeg-header.ts';
import { loadResize } from './resize.ts';
import { loadRowResize, type RowResize } from './resize-rows.ts';
import { type RowSink, uprightSize } from './rows.ts';
import type { ImageLimits, Size } from './size.ts';

/** How a JPEG is decoded that is several times as large as the network's input: in full, or shrunk by libjpeg, which is faster and not exact. */
export type LargeJpegs = 'exact' | 'shrink';

export interface InputOptions {
  readonly inputSize: number;
  readonly limits: ImageLimits;
  readonly largeJpegs: LargeJpegs;
  /** The longest a decode by libvips may take, in seconds. */
  readonly timeoutSeconds: number;
}

/** An image as the network takes it, and what its file was. `width` and `height` are those of the upright picture. */
export interface NetworkInput extends Size {
  readonly format: ImageFormat;
  /** A square of the network's input size, packed RGB. */
  readonly samples: Uint8Array;
  /** Milliseconds. */
  readonly decode: number;
  readonly resize: number;
}

/** Makes an image into the network's input, in `target` where one of its size is given. @throws as `decode` does. */
export type ReadInput = (image: ImageFile, target?: Uint8Array) => Promise<NetworkInput>;

/** Loads the kernels from a model folder. */
export async function loadInputReader(modelDir: string, options: InputOptions): Promise<ReadInput> {
  const { inputSize, limits, largeJpegs, timeoutSeconds } = options;
  const resizeKernel = join(modelDir, modelFiles.resizeKernel);
  const [decodeJpeg, resize, rowResize] = await Promise.all([
    loadJpegDecoder(join(modelDir, modelFiles.jpegKernel), limits),
    loadResize(resizeKernel, inputSize),
    loadRowResize(resizeKernel, inputSize),
  ]);
  const decodeOptions = { limits, inputSize, timeoutSeconds, shrink: largeJpegs === 'shrink' };

  /** A JPEG of the usual kind goes from one kernel to the other row by row. */
  function readUsualJpeg(
    { bytes }: ImageFile,
    started: number,
    target?: Uint8Array,
  ): NetworkInput | undefined {
    if (largeJpegs === 'shrink' && isShrunk(bytes, inputSize)) return undefined;
    const rows = new TimedRows(rowResize);
    const picture = decodeJpeg(bytes, rows);
    if (picture === undefined) return undefined;
    const decoded = performance.now();
    const samples = rowResize.finish(target);
    return {
      format: 'jpeg',
      ...uprightSize(picture),
      samples,
      decode: decoded - started - rows.milliseconds,
      resize: performance.now() - decoded + rows.milliseconds,
    };
  }

  async function readPixels(image: ImageFile, started: number, target?: Uint8Array): Promise<NetworkInput> {
    const { format, width, height, pixels } = await decode(image, decodeOptions);
    const decoded = performance.now();
    const samples = resize(pixels, target);
    return {
      ...{ format, width, height, samples },
      decode: decoded - started,
      resize: performance.now() - decoded,
    };
  }

  return async (image, target) => {
    const started = performance.now();
    return readUsualJpeg(image, started, target) ?? readPixels(image, started, target);
  };
}

function isShrunk(bytes: Uint8Array, inputSize: number): boolean {
  const frame = readJpegFrame(bytes);
  return frame !== undefined && shrinkFactor(frame, inputSize) > 1;
}

/** Counts the time that a resize takes while a decoder feeds it. */
class TimedRows implements RowSink {
  readonly #resize: RowResize;
  milliseconds = 0;

  constructor(resize: RowResize) {
    this.#resize = resize;
  }

  start(...picture: Parameters<RowSink['start']>): void {
    this.#resize.start(...picture);
  }

  write(rows: Uint8Array): void {
    const started = performance.now();
    this.#resize.write(rows);
    this.milliseconds += performance.now() - started;
  }
}
