import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metadata, SharpOptions } from 'sharp';
import * as z from 'zod';
import { decodeBmp, type Pixels } from './bmp.ts';
import { cmykToRgb } from './cmyk.ts';
import { ImageError } from './errors.ts';
import { detectFormat, type ImageFormat } from './format.ts';
import { decodeGif } from './gif/reader.ts';
import { stretchRange } from './heif/grey.ts';
import { decodeHeic } from './heif/heic.ts';
import { readJpegFrame, shrinkFactor } from './jpeg-header.ts';
import { loadSharp } from './libvips.ts';
import { prepareFile } from './prepare.ts';
import type { Orientation } from './rows.ts';
import { type ImageLimits, requireBytesWithinLimit, requireSizeWithinLimit, type Size } from './size.ts';
import { readTiffHere } from './tiff/reader.ts';
import { orientationInXmp, turnUpright } from './upright.ts';

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
 * Decodes an image's first frame to upright RGB samples, equal to the bit to Pillow's `exif_transpose` and `convert("RGB")`, unless it is shrunk.
 * Except: grey of more than 8 bits is taken by its highest 8, where Pillow clips to white; AVIF and HEIC are within two levels in the mean, AVIF
 * with colour at half size within more at sharp edges, and cropped as the file says; JPEG inside TIFF of the old kind is within two levels in the mean; a run-length bitmap
 * that is damaged keeps what can be read. What a file asks for is bounded before it is decoded.
 * @throws {ImageError} `empty_file`, `unsupported_image`, `unsupported_variant`, `image_too_large`, `too_many_pixels`, `too_costly` or
 *   `corrupt_image`.
 * @throws {Error} any other, such as a decode past its time, may succeed when tried again.
 */
export async function decode(image: ImageFile, options: DecodeOptions): Promise<DecodedImage> {
  const { limits } = options;
  const format = detectFormat(image.bytes);
  requireBytesWithinLimit(image.bytes, limits);
  const own = await refuseDamaged(async () => ownReaders[format]?.(image.bytes, limits));
  if (own !== undefined) return { format, width: own.width, height: own.height, pixels: own };
  const prepared = await refuseDamaged(async () => prepareFile(format, image.bytes));
  const stored = await readHeader(format, prepared.bytes);
  requireSizeWithinLimit(stored, limits);
  const factor = format === 'jpeg' && options.shrink === true ? shrinkFactor(stored, options.inputSize) : 1;
  const file = prepared.bytes === image.bytes ? image : { bytes: prepared.bytes };
  const decoded = await withShrinkableInput(file, factor, (input) =>
    decodePixels(input, format, stored.isCmyk, options),
  );
  const orientation = prepared.orientation ?? stored.orientation ?? 1;
  const pixels = turnUpright(prepared.isLimitedGrey ? stretchRange(decoded) : decoded, orientation);
  const { width, height } = factor === 1 ? pixels : await readUprightSize(image.bytes, orientation);
  return { format, width, height, pixels };
}

/** Gives the upright picture; `undefined` where libvips is to read the file. */
type OwnReader = (bytes: Uint8Array, limits: ImageLimits) => Promise<Pixels> | Pixels | undefined;

const ownReaders: Partial<Record<ImageFormat, OwnReader>> = {
  bmp: decodeBmp,
  gif: decodeGif,
  heic: decodeHeic,
  tiff: readTiffHere,
};

/** The size as stored, where an upright picture may lie on its side, and whether its samples are CMYK. */
interface StoredPicture extends Size {
  readonly isCmyk: boolean;
  /** Where EXIF does not say it but XMP does: libvips turns by EXIF alone. */
  readonly orientation?: Orientation | undefined;
}

async function readHeader(format: ImageFormat, bytes: Uint8Array): Promise<StoredPicture> {
  // The way of most images: asking libvips takes a fifth of a millisecond.
  const frame = format === 'jpeg' ? readJpegFrame(bytes) : undefined;
  if (frame) return { width: frame.width, height: frame.height, isCmyk: frame.components === 4 };
  const { width, height, space, orientation, xmp } = await readMetadata(bytes);
  const inXmp = orientation === undefined && xmp !== undefined ? orientationInXmp(xmp) : undefined;
  return { width, height, isCmyk: space === 'cmyk', orientation: inXmp };
}

async function readUprightSize(bytes: Uint8Array, orientation: Orientation): Promise<Size> {
  const { width, height } = (await readMetadata(bytes)).autoOrient;
  return orientation < 5 ? { width, height } : { width: height, height: width };
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

/** The file of a name that carries loader options. */
const pathOf = (input: string) => input.replace(/\[[^[]*\]$/, '');

async function decodePixels(
  input: Uint8Array | string,
  format: ImageFormat,
  isCmyk: boolean,
  options: DecodeOptions,
): Promise<Pixels> {
  const seconds = options.timeoutSeconds ?? 10;
  const settings: SharpOptions = {
    autoOrient: true,
    ignoreIcc: true,
    limitInputPixels: options.limits.pixels,
    // As Pillow: a truncated file is refused, a mere warning of libjpeg is not.
    failOn: 'error',
    sequentialRead: true,
  };
  const sharp = await loadSharp();
  const image = sharp(input, settings).timeout({ seconds });
  const samples = isCmyk ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.removeAlpha();
  const overdue = performance.now() + seconds * 1000;
  const { data, info } = await refuseDamaged(() => samples.raw().toBuffer({ resolveWithObject: true }), {
    isOverdue: () => performance.now() >= overdue,
    isGone: () => typeof input === 'string' && !existsSync(pathOf(input)),
  });
  const { width, height, channels } = info;
  if (channels !== (isCmyk ? 4 : 3)) {
    const name = format.toUpperCase();
    throw new ImageError(
      'unsupported_variant',
      `This ${name} stores ${channels} channels: save it as PNG or JPEG.`,
    );
  }
  return { data: isCmyk ? cmykToRgb(data) : data, width, height };
}

function isOwnFault(cause: unknown): boolean {
  return cause instanceof TypeError || cause instanceof ReferenceError || cause instanceof z.ZodError;
}

/** What may go wrong with a decode though its file is sound. */
interface Circumstances {
  readonly isOverdue?: () => boolean;
  readonly isGone?: () => boolean;
}

/**
 * Runs a decoder. What it says against the file becomes a problem of the file; a decode past its time or a lost file does not. libvips
 * tells of both in words that depend on the format, so neither is judged by its message.
 */
async function refuseDamaged<T>(
  decodeFile: () => Promise<T>,
  { isOverdue, isGone }: Circumstances = {},
): Promise<T> {
  try {
    return await decodeFile();
  } catch (cause) {
    // A fault of our own is no fault of the file.
    if (cause instanceof ImageError || isOwnFault(cause)) throw cause;
    if (isOverdue?.()) throw new Error('The image was not decoded in time.', { cause });
    if (isGone?.()) throw new Error('The image is no longer on disk.', { cause });
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/out of memory/i.test(message))
      throw new Error('There was not enough memory to decode the image.', { cause });
    throw new ImageError(
      'corrupt_image',
      'The image is damaged or incomplete: send it again or send another one.',
      { cause },
    );
  }
}
