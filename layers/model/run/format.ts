import { acceptedFormats } from '../formats.ts';
import { ImageError } from './errors.ts';
import { isHeicRead } from './heif/heic.ts';

/** Image formats that this service decodes. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'heic' | 'tiff' | 'bmp';

const ACCEPTED = new Intl.ListFormat('en', { type: 'disjunction' }).format(
  acceptedFormats.map(({ name }) => name).filter((name) => name !== 'HEIC' || isHeicRead),
);

/** Sizes of the headers that a bitmap can have; "BM" alone begins many a text. */
const bmpHeaders = [12, 40, 52, 56, 64, 108, 124];

/** Brands of HEVC-coded HEIF files (ISO/IEC 23008-12, annexes B.4 and B.5), and the generic ones that phones write. */
const heicBrands = ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs', 'mif1', 'msf1'];

/**
 * Tells an image's format by its first bytes, never by a name or a media type.
 * @throws {ImageError} `empty_file` where there are none, `unsupported_image` for anything but the accepted formats.
 */
export function detectFormat(bytes: Uint8Array): ImageFormat {
  if (bytes.byteLength === 0)
    throw new ImageError('empty_file', `The file has no bytes: send an image as ${ACCEPTED}.`);
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 128)).toString(
    'latin1',
  );
  const format = detectSignature(start) ?? detectHeif(start);
  if (format) return format;
  throw new ImageError('unsupported_image', `The file is not an image this service reads: send ${ACCEPTED}.`);
}

function detectSignature(start: string): ImageFormat | undefined {
  const begins = (...signatures: string[]) => signatures.some((signature) => start.startsWith(signature));
  if (begins('\xff\xd8\xff')) return 'jpeg';
  if (begins('\x89PNG\r\n\x1a\n')) return 'png';
  if (begins('RIFF') && start.startsWith('WEBP', 8)) return 'webp';
  if (begins('GIF87a', 'GIF89a')) return 'gif';
  // Little and big endian; '+' is BigTIFF.
  if (begins('II*\0', 'MM\0*', 'II+\0', 'MM\0+')) return 'tiff';
  return begins('BM') && bmpHeaders.includes(start.charCodeAt(14)) && start.startsWith('\0\0\0', 15)
    ? 'bmp'
    : undefined;
}

/** A HEIF file begins with a `ftyp` box that lists its brands (ISO/IEC 14496-12, section 4.3). */
function detectHeif(start: string): 'avif' | 'heic' | undefined {
  if (start.slice(4, 8) !== 'ftyp') return undefined;
  const end = Math.min(start.charCodeAt(2) * 256 + start.charCodeAt(3), start.length);
  const brands = [start.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(start.slice(at, at + 4));
  if (brands.includes('avif') || brands.includes('avis')) return 'avif';
  if (!brands.some((brand) => heicBrands.includes(brand))) return undefined;
  if (isHeicRead) return 'heic';
  throw new ImageError(
    'unsupported_image',
    `HEIC images are not read here: convert it, or send ${ACCEPTED}.`,
  );
}
