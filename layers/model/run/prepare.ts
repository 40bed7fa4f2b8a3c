import { ImageError } from './errors.ts';
import type { ImageFormat } from './format.ts';
import { requireAffordableHeif } from './heif/cost.ts';
import { isLimitedGrey } from './heif/grey.ts';
import { requireAffordableScans } from './jpeg-cost.ts';
import { isStartOfFrame, markers, readSegments } from './jpeg-header.ts';
import { keepNeededChunks } from './png.ts';
import type { Orientation } from './rows.ts';
import { requireAffordableTiff } from './tiff/cost.ts';
import { numbersOf, readDirectory, type TiffDirectory } from './tiff/directory.ts';
import { readPicture } from './tiff/picture.ts';
import { readOrientation } from './tiff/reader.ts';
import { keepFirstPicture } from './tiff/single.ts';
import { requireReadableTiff } from './tiff/variant.ts';
import { orientationInExif, orientationInXmp } from './upright.ts';

/** A file that is known to cost no more than it may, ready for libvips. */
export interface PreparedFile {
  readonly bytes: Uint8Array;
  /** How to turn the picture after it is decoded, where libvips does not know it. */
  readonly orientation?: Orientation | undefined;
  /** Whether the samples are to be stretched from 16…235 to 0…255 after they are decoded. */
  readonly isLimitedGrey?: boolean;
}

/**
 * Bounds the work that a file asks for, before any of it is begun, and takes out what a decoder would read only to drop it.
 * @throws {ImageError} `too_costly` or `unsupported_variant`.
 * @throws {RangeError} where the file is damaged.
 */
export function prepareFile(format: ImageFormat, bytes: Uint8Array): PreparedFile {
  switch (format) {
    case 'jpeg':
      return prepareJpeg(bytes);
    case 'png':
      return keepNeededChunks(bytes);
    case 'tiff':
      return prepareTiff(bytes);
    case 'avif':
      requireAffordableHeif(bytes);
      return { bytes: asStill(bytes), isLimitedGrey: isLimitedGrey(bytes) };
    default:
      return { bytes };
  }
}

const XMP_START = 'http://ns.adobe.com/xap/1.0/\0';

function prepareJpeg(bytes: Uint8Array): PreparedFile {
  let exif: Orientation | undefined;
  let xmp: Orientation | undefined;
  for (const { marker, data } of readSegments(bytes)) {
    if (isStartOfFrame(marker)) requireReadableFrame(marker, data);
    if (marker !== markers.app1) continue;
    const segment = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    if (segment.toString('latin1', 0, 6) === 'Exif\0\0') exif ??= orientationInExif(segment);
    else if (segment.toString('latin1', 0, XMP_START.length) === XMP_START) xmp ??= orientationInXmp(segment);
  }
  requireAffordableScans(bytes);
  return { bytes, orientation: exif === undefined ? xmp : undefined };
}

/** @throws {ImageError} `unsupported_variant` where no decoder of 8-bit JPEGs reads it (ITU-T T.81, table B.1). */
function requireReadableFrame(marker: number, data: DataView): void {
  const bits = data.byteLength > 0 ? data.getUint8(0) : 8;
  const isLossless = (marker & 3) === 3;
  if (bits === 8 && !isLossless) return;
  const stored = isLossless ? 'losslessly compressed samples' : `${bits} bits a sample`;
  throw new ImageError('unsupported_variant', `This JPEG stores ${stored}: save it as an 8-bit JPEG or PNG.`);
}

function prepareTiff(bytes: Uint8Array): PreparedFile {
  const directory = readDirectory(bytes);
  const jpeg = oldStyleJpeg(bytes, directory);
  if (jpeg !== undefined) return { ...prepareJpeg(jpeg), orientation: readOrientation(bytes, directory) };
  const picture = readPicture(directory);
  requireReadableTiff(picture);
  requireAffordableTiff(bytes, picture);
  // libvips turns by the picture's own tag.
  const orientation = directory.entries.has(274) ? 1 : readOrientation(bytes, directory);
  return { bytes: keepFirstPicture(bytes, directory), orientation };
}

const [COMPRESSION, OLD_STYLE_JPEG, JPEG_AT, JPEG_BYTES] = [259, 6, 513, 514];

/** The file inside a TIFF of the old JPEG kind, where it is a whole one (TIFF 6.0, section 22: JPEGInterchangeFormat). */
function oldStyleJpeg(bytes: Uint8Array, directory: TiffDirectory): Uint8Array | undefined {
  const [at] = numbersOf(directory, JPEG_AT);
  if (numbersOf(directory, COMPRESSION)[0] !== OLD_STYLE_JPEG || at === undefined) return undefined;
  const [length = bytes.byteLength] = numbersOf(directory, JPEG_BYTES);
  const jpeg = bytes.subarray(at, at + length);
  return [...readSegments(jpeg)].at(-1)?.marker === markers.startOfScan ? jpeg : undefined;
}

/** Of an animation the first picture, as which most are stored too: libvips reads files of the brand `avif` only. */
function asStill(bytes: Uint8Array): Uint8Array {
  const brand = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 8, 12);
  if (brand !== 'avis') return bytes;
  const still = Uint8Array.from(bytes);
  still.set(Buffer.from('avif'), 8);
  return still;
}
