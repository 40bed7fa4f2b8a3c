import type { Pixels } from '../bmp.ts';
import { cmykToRgb } from '../cmyk.ts';
import { type Orientation, orientations } from '../rows.ts';
import { type ImageLimits, requireSizeWithinLimit } from '../size.ts';
import { orientationInXmp, turnUpright } from '../upright.ts';
import { requireAffordableTiff } from './cost.ts';
import { numbersOf, readDirectory, type TiffDirectory } from './directory.ts';
import { Photometric, readPicture, SampleFormat, type TiffPicture } from './picture.ts';
import { isUnpacked, unpack } from './unpack.ts';
import { requireReadableTiff } from './variant.ts';
import { yccToRgb } from './ycc.ts';

const PREMULTIPLIED = 1;

/**
 * Decodes the first picture of a TIFF that is of a kind read here, upright and equal to Pillow's `convert("RGB")`; of samples of more than
 * 8 bits the highest 8. `undefined` where libvips is to read it.
 * @throws {ImageError} `too_many_pixels`, `too_costly` or `unsupported_variant`.
 * @throws {Error} any other means that the file is damaged.
 */
export function readTiffHere(bytes: Uint8Array, limits: ImageLimits): Pixels | undefined {
  const directory = readDirectory(bytes);
  const picture = readPicture(directory);
  if (!isReadHere(picture)) return undefined;
  requireReadableTiff(picture);
  requireSizeWithinLimit(picture, limits);
  requireAffordableTiff(bytes, picture);
  return turnUpright(decodeTiff(bytes, directory.little, picture), readOrientation(bytes, directory));
}

const [ORIENTATION, XMP] = [274, 700];

/** As the picture's own tag says, or else its XMP packet. */
export function readOrientation(bytes: Uint8Array, directory: TiffDirectory): Orientation {
  const [said] = numbersOf(directory, ORIENTATION);
  if (said !== undefined) return orientations.find((known) => known === said) ?? 1;
  const xmp = directory.entries.get(XMP);
  return (xmp && orientationInXmp(bytes.subarray(xmp.at, xmp.at + xmp.bytes))) ?? 1;
}

/**
 * Whether a TIFF is of a kind that is read here and not by libvips, which reads other samples than Pillow or none: tiles with a plane for
 * each sample, signed samples, premultiplied alpha, 12 bits, CMYK of 16 bits or with more channels, YCbCr without JPEG.
 */
function isReadHere(picture: TiffPicture): boolean {
  const { bits, compression, photometric, samples, format, extra, isPlanar, isTiled, subsampling } = picture;
  const colours = coloursOf(photometric);
  if (colours === undefined || samples < colours || ![8, 12, 16].includes(bits) || !isUnpacked(compression))
    return false;
  if (photometric === Photometric.ycbcr) return bits === 8 && subsampling.every((pixels) => pixels === 1);
  const isUnusual =
    (isPlanar && isTiled) ||
    (isPlanar && samples > colours) ||
    format === SampleFormat.signed ||
    bits === 12 ||
    (extra[0] === PREMULTIPLIED && colours === 3) ||
    samples > colours + 1 ||
    (photometric === Photometric.cmyk && (bits === 16 || samples > colours));
  return isUnusual && (bits !== 12 || samples === 1);
}

function coloursOf(photometric: number): 1 | 3 | 4 | undefined {
  if (photometric === Photometric.whiteIsZero || photometric === Photometric.blackIsZero) return 1;
  if (photometric === Photometric.rgb || photometric === Photometric.ycbcr) return 3;
  return photometric === Photometric.cmyk ? 4 : undefined;
}

/** The picture as it is stored. */
function decodeTiff(bytes: Uint8Array, little: boolean, picture: TiffPicture): Pixels {
  const { width, height, samples } = picture;
  const planes = readSamples(bytes, little, picture);
  return { width, height, data: toRgb(planes, picture, width * height * samples) };
}

/** All samples of all pixels, 8 bits each, pixel by pixel. */
function readSamples(bytes: Uint8Array, little: boolean, picture: TiffPicture): Uint8Array {
  const { width, height, samples, isPlanar, blockWidth, blockHeight, isTiled } = picture;
  if (blockWidth <= 0 || blockHeight <= 0) throw new RangeError('The tiles have no size');
  const out = new Uint8Array(width * height * samples);
  const [across, down] = [Math.ceil(width / blockWidth), Math.ceil(height / blockHeight)];
  const perPixel = isPlanar ? 1 : samples;
  // Planes that are not asked for may be missing.
  const colours = coloursOf(picture.photometric) ?? 1;
  const wanted = picture.extra[0] === PREMULTIPLIED ? Math.min(colours + 1, samples) : colours;
  for (let plane = 0; plane < (isPlanar ? wanted : 1); plane++) {
    for (let block = 0; block < across * down; block++) {
      const [left, top] = [(block % across) * blockWidth, Math.floor(block / across) * blockHeight];
      const rows = isTiled ? blockHeight : Math.min(blockHeight, height - top);
      const source = readBlock(bytes, little, picture, {
        index: plane * across * down + block,
        rows,
        perPixel,
      });
      const shown = Math.min(blockWidth, width - left) * perPixel;
      for (let row = 0; row < Math.min(rows, height - top); row++) {
        const from = row * blockWidth * perPixel;
        const to = ((top + row) * width + left) * samples + plane;
        if (!isPlanar) out.set(source.subarray(from, from + shown), to);
        else for (let x = 0; x < shown; x++) out[to + x * samples] = source[from + x] ?? 0;
      }
    }
  }
  return out;
}

/** A block's samples, 8 bits each. */
function readBlock(
  bytes: Uint8Array,
  little: boolean,
  { bits, compression, predictor, blockWidth, offsets, counts }: TiffPicture,
  { index, rows, perPixel }: { index: number; rows: number; perPixel: number },
): Uint8Array {
  const rowBytes = Math.ceil((blockWidth * perPixel * bits) / 8);
  const start = offsets[index] ?? bytes.length;
  const packed = bytes.subarray(start, start + (counts[index] ?? bytes.length));
  const raw = unpack(packed, compression, rowBytes * rows);
  if (bits === 12) return takeHighOf12(raw, blockWidth, rows);
  if (bits === 8) return predictor === 2 ? addLeft8(raw, rowBytes, perPixel) : raw;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const words = Uint16Array.from({ length: raw.length / 2 }, (_, i) => view.getUint16(i * 2, little));
  if (predictor === 2) addLeft16(words, rowBytes / 2, perPixel);
  return Uint8Array.from(words, (word) => word >> 8);
}

/** Undoes differences between neighbours in a row (TIFF 6.0, section 14). */
function addLeft8(raw: Uint8Array, row: number, perPixel: number): Uint8Array {
  const samples = Uint8Array.from(raw);
  for (let at = 0; at < samples.length; at++)
    if (at % row >= perPixel) samples[at] = (samples[at] ?? 0) + (samples[at - perPixel] ?? 0);
  return samples;
}

function addLeft16(samples: Uint16Array, row: number, perPixel: number): void {
  for (let at = 0; at < samples.length; at++)
    if (at % row >= perPixel) samples[at] = (samples[at] ?? 0) + (samples[at - perPixel] ?? 0);
}

/** Two samples are in three bytes; a row begins with a whole byte. */
function takeHighOf12(raw: Uint8Array, width: number, rows: number): Uint8Array {
  const rowBytes = Math.ceil((width * 12) / 8);
  return Uint8Array.from({ length: width * rows }, (_, index) => {
    const [x, at] = [index % width, Math.floor(index / width) * rowBytes];
    const from = at + (x >> 1) * 3;
    if (x % 2 === 0) return raw[from] ?? 0;
    return (((raw[from + 1] ?? 0) & 15) << 4) | ((raw[from + 2] ?? 0) >> 4);
  });
}

function toRgb(planes: Uint8Array, picture: TiffPicture, length: number): Uint8Array {
  const { photometric, samples, extra } = picture;
  const colours = coloursOf(photometric) ?? 1;
  const only = samples === colours ? planes : takeColours(planes, picture, colours);
  if (photometric === Photometric.cmyk) return cmykToRgb(only);
  if (photometric === Photometric.ycbcr) return yccToRgb(only);
  if (colours === 1) {
    const flip = photometric === Photometric.whiteIsZero ? 255 : 0;
    const rgb = new Uint8Array((length / samples) * 3);
    for (let at = 0; at < rgb.length; at++) rgb[at] = (only[Math.floor(at / 3)] ?? 0) ^ flip;
    return rgb;
  }
  return extra[0] === PREMULTIPLIED ? divideByAlpha(only, planes, samples) : only;
}

function takeColours(planes: Uint8Array, { samples }: TiffPicture, colours: number): Uint8Array {
  const only = new Uint8Array((planes.length / samples) * colours);
  for (let from = 0, to = 0; from < planes.length; from += samples, to += colours)
    for (let band = 0; band < colours; band++) only[to + band] = planes[from + band] ?? 0;
  return only;
}

/** Undoes the multiplication by alpha, rounded down and clipped as Pillow does (Unpack.c, `unpackRGBa`). */
function divideByAlpha(rgb: Uint8Array, planes: Uint8Array, samples: number): Uint8Array {
  const divided = new Uint8Array(rgb.length);
  for (let at = 0; at < rgb.length; at++) {
    const alpha = planes[Math.floor(at / 3) * samples + 3] ?? 0;
    divided[at] = alpha === 0 ? 0 : Math.min(255, Math.floor(((rgb[at] ?? 0) * 255) / alpha));
  }
  return divided;
}
