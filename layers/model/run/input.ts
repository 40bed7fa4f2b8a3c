import { join } from 'node:path';
import { modelFiles } from '../folder.ts';
import { loadJpegDecoder } from '../jpeg/decoder.ts';
import { decode, type ImageFile } from './decode.ts';
import type { ImageFormat } from './format.ts';
import type { FrameOf } from './frame.ts';
import { readJpegFrame, shrinkFactor } from './jpeg-header.ts';
import { loadResize, type Resize } from './resize.ts';
import { loadRowResize, type RowResize } from './resize-rows.ts';
import { type RowSink, uprightSize } from './rows.ts';
import type { ImageLimits, Size } from './size.ts';

/** How a JPEG is decoded that is several times as large as the network's input: in full, or shrunk by libjpeg, which is faster and not exact. */
export type LargeJpegs = 'exact' | 'shrink';

export interface InputOptions {
  /** A large JPEG is shrunk to no less than twice this side, in pixels; where it is not said, none is. */
  readonly shrinkTo?: number | undefined;
  readonly limits: ImageLimits;
  /** The longest a decode by libvips may take, in seconds. */
  readonly timeoutSeconds: number;
}

/** The windows of an image, and what its file was. `width` and `height` are those of the upright picture. */
export interface ImageInput extends Size {
  readonly format: ImageFormat;
  /** The size that the windows were made from. It differs from the picture's where a JPEG was shrunk. */
  readonly decoded: Size;
  /** For each frame asked for its window, packed RGB. */
  readonly windows: readonly Uint8Array[];
  /** Milliseconds. */
  readonly decode: number;
  readonly resize: number;
}

/** Makes windows for one frame, from a whole picture or from its rows. */
interface Resizer {
  readonly pixels: Resize;
  readonly rows: RowResize;
}

/** A window to be made, and by what. */
interface Making extends Resizer {
  readonly target: Uint8Array | undefined;
}

/** Which frame is wanted, by its place among those that the reader was loaded with, and a buffer for its window, if one is at hand. */
export interface WantedWindow {
  readonly frame: number;
  readonly target?: Uint8Array | undefined;
}

/**
 * Decodes an image once and makes it into the windows that are wanted, in their order; of the first frame only where nothing is said.
 * @throws as `decode` does.
 */
export type ReadInput = (image: ImageFile, wanted?: readonly WantedWindow[]) => Promise<ImageInput>;

/**
 * Loads the kernels from a model folder.
 * @param frames what to make of each picture: one for each model that sees it.
 */
export async function loadInputReader(
  modelDir: string,
  frames: readonly FrameOf[],
  options: InputOptions,
): Promise<ReadInput> {
  const { shrinkTo, limits, timeoutSeconds } = options;
  const kernel = join(modelDir, modelFiles.resizeKernel);
  const decodeJpeg = await loadJpegDecoder(join(modelDir, modelFiles.jpegKernel), limits);
  const resizers = await Promise.all(
    frames.map(async (frameOf): Promise<Resizer> => {
      const [pixels, rows] = await Promise.all([loadResize(kernel, frameOf), loadRowResize(kernel, frameOf)]);
      return { pixels, rows };
    }),
  );
  const decodeOptions = {
    ...{ limits, timeoutSeconds },
    ...{ inputSize: shrinkTo ?? Number.POSITIVE_INFINITY, shrink: shrinkTo !== undefined },
  };

  function making({ frame, target }: WantedWindow): Making {
    const resizer = resizers[frame];
    if (resizer === undefined) throw new Error(`There is no frame ${frame}.`);
    return { ...resizer, target };
  }

  /** A JPEG of the usual kind goes from one kernel to the other row by row. */
  function readUsualJpeg(
    { bytes }: ImageFile,
    started: number,
    windows: readonly Making[],
  ): ImageInput | undefined {
    if (shrinkTo !== undefined && isShrunk(bytes, shrinkTo)) return undefined;
    const rows = new TimedRows(windows.map((window) => window.rows));
    const picture = decodeJpeg(bytes, rows);
    if (picture === undefined) return undefined;
    const decoded = performance.now();
    const size = uprightSize(picture);
    return {
      ...{ format: 'jpeg', ...size, decoded: size },
      windows: windows.map((window) => window.rows.finish(window.target)),
      decode: decoded - started - rows.milliseconds,
      resize: performance.now() - decoded + rows.milliseconds,
    };
  }

  async function readPixels(
    image: ImageFile,
    started: number,
    windows: readonly Making[],
  ): Promise<ImageInput> {
    const { format, width, height, pixels } = await decode(image, decodeOptions);
    const decoded = performance.now();
    return {
      ...{ format, width, height, decoded: { width: pixels.width, height: pixels.height } },
      windows: windows.map((window) => window.pixels(pixels, window.target)),
      decode: decoded - started,
      resize: performance.now() - decoded,
    };
  }

  return async (image, wanted = [{ frame: 0 }]) => {
    const started = performance.now();
    const windows = wanted.map(making);
    return readUsualJpeg(image, started, windows) ?? readPixels(image, started, windows);
  };
}

function isShrunk(bytes: Uint8Array, shrinkTo: number): boolean {
  const frame = readJpegFrame(bytes);
  return frame !== undefined && shrinkFactor(frame, shrinkTo) > 1;
}

/** Gives rows to each resize, and counts the time that these take while a decoder feeds them. */
class TimedRows implements RowSink {
  readonly #sinks: readonly RowSink[];
  milliseconds = 0;

  constructor(sinks: readonly RowSink[]) {
    this.#sinks = sinks;
  }

  start(...picture: Parameters<RowSink['start']>): void {
    for (const sink of this.#sinks) sink.start(...picture);
  }

  write(rows: Uint8Array): void {
    const started = performance.now();
    for (const sink of this.#sinks) sink.write(rows);
    this.milliseconds += performance.now() - started;
  }
}
