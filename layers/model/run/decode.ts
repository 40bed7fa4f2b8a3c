import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metadata, SharpOptions } from 'sharp';
import { decodeBmp, type Pixels } from './bmp.ts';
import { cmykToRgb } from './cmyk.ts';
import { ImageError } from './errors.ts';
import { detectFormat, type ImageFormat } from './format.ts';
import { readJpegFrame, shrinkFactor } from './jpeg-header.ts';
import { loadSharp } from './libvips.ts';
import { type ImageLimits, requireBytesWithinLimit, requireSizeWithinLimit, type Size } from './size.ts';

/** The bytes of an image file. `path` is set where it is a file on disk: sharp can then shrink a JPEG while it decodes it. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly path?: string;
}

/** An upright picture as RGB, and what its file was. `width` and `height` are those of the file, before any shrinking. */
export interface DecodedImage extends Size {
  readonly format: ImageFormat;
  readonly pixels: Pixels;
}

export interface DecodeOptions {
  readonly limits: ImageLimits;
  /** Side of the network's input: a JPEG is never shrunk below twice of it while it is decoded. */
  readonly inputSize: number;
  /** The longest a decode may take, in seconds. */
  readonly timeoutSeconds?: number;
  /** Whether a large JPEG is shrunk by libjpeg while it is decoded, which is faster and not exact. */
  readonly shrink?: boolean;
}

/**
 * Decodes an image's first frame to upright RGB samples, equal to the bit to Pillow's `exif_transpose` and `convert("RGB")`
 * (16-bit grey excepted: its high byte, where Pillow clips to white), unless it is shrunk.
 * @throws {ImageError} `empty_file`, `unsupported_image`, `image_too_large`, `too_many_pixels` or `corrupt_image`.
 * @throws {Error} any other, such as a decode past its time, may succeed when tried again.
 */
export async function decode(image: ImageFile, options: DecodeOptions): Promise<DecodedImage> {
  const { limits } = options;
  const format = detectFormat(image.bytes);
  requireBytesWithinLimit(image.bytes, limits);
  if (format === 'bmp') {
    const pixels = await refuseDamaged(async () => decodeBmp(image.bytes, limits));
    return { format, width: pixels.width, height: pixels.height, pixels };
  }
  const stored = await readHeader(format, image.bytes);
  requireSizeWithinLimit(stored, limits);
  const factor = format === 'jpeg' && options.shrink === true ? shrinkFactor(stored, options.inputSize) : 1;
  const pixels = await withShrinkableInput(image, factor, (input) =>
    decodePixels(input, stored.isCmyk, options),
  );
  const { width, height } = factor === 1 ? pixels : (await readMetadata(image.bytes)).autoOrient;
  return { format, width, height, pixels };
}

/** The size as stored, where an upright picture may lie on its side, and whether its samples are CMYK. */
interface StoredPicture extends Size {
  readonly isCmyk: boolean;
}

async function readHeader(format: ImageFormat, bytes: Uint8Array): Promise<StoredPicture> {
  // The way of most images: asking libvips takes a fifth of a millisecond.
  const frame = format === 'jpeg' ? readJpegFrame(bytes) : undefined;
  if (frame) return { width: frame.width, height: frame.height, isCmyk: frame.components === 4 };
  const { width, height, space } = await readMetadata(bytes);
  return { width, height, isCmyk: space === 'cmyk' };
}

/** Reads the header alone, of a picture of any size. */
async function readMetadata(bytes: Uint8Array): Promise<Metadata> {
  const sharp = await loadSharp();
  return refuseDamaged(() => sharp(bytes, { limitInputPixels: false }).metadata());
}

/**
 * Only a path can carry libvips' loader options. It is always one of our own making: brackets in a user's file name would be
 * taken as options.
 */
async function withShrinkableInput<T>(
  { bytes, path }: ImageFile,
  factor: number,
  use: (input: Uint8Array | string) => Promise<T>,
): Promise<T> {
  if (factor === 1) return use(bytes);
  if (path !== undefined) return use(`${path}[shrink=${factor}]`);
  const temporary = join(tmpdir(), `${randomUUID()}.jpg`);
  try {
    await writeFile(temporary, bytes, { mode: 0o600 });
    return await use(`${temporary}[shrink=${factor}]`);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function decodePixels(
  input: Uint8Array | string,
  isCmyk: boolean,
  options: DecodeOptions,
): Promise<Pixels> {
  const settings: SharpOptions = {
    autoOrient: true,
    ignoreIcc: true,
    limitInputPixels: options.limits.pixels,
    // As Pillow: a truncated file is refused, a mere warning of libjpeg is not.
    failOn: 'error',
    sequentialRead: true,
  };
  const sharp = await loadSharp();
  const image = sharp(input, settings).timeout({ seconds: options.timeoutSeconds ?? 10 });
  const samples = isCmyk ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.removeAlpha();
  const { data, info } = await refuseDamaged(() => samples.raw().toBuffer({ resolveWithObject: true }));
  const { width, height, channels } = info;
  if (channels !== (isCmyk ? 4 : 3)) throw new Error(`The decoder gave ${channels} channels.`);
  return { data: isCmyk ? cmykToRgb(data) : data, width, height };
}

/** Runs a decoder: whatever it says against the file becomes a problem of the file; a timeout or a lost file does not. */
async function refuseDamaged<T>(decodeFile: () => Promise<T>): Promise<T> {
  try {
    return await decodeFile();
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/^timeout:|^Input file is missing|out of memory/i.test(message))
      throw new Error(`The image was not decoded: ${message}`, { cause });
    if (/pixel limit/i.test(message)) {
      throw new ImageError('too_many_pixels', 'The image has too many pixels: send a smaller one.', {
        cause,
      });
    }
    throw new ImageError(
      'corrupt_image',
      'The image is damaged or incomplete: send it again or send another one.',
      { cause },
    );
  }
}
