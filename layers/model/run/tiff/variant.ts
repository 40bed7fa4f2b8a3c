import { ImageError } from '../errors.ts';
import { Photometric, SampleFormat, type TiffPicture } from './picture.ts';

/** Compressions that are not read here, by number (TIFF 6.0 and the registered tags). */
const unreadCompressions: Readonly<Record<number, string>> = {
  6: 'an old-style JPEG',
  9: 'JBIG samples',
  10: 'JBIG samples',
  32766: 'NeXT run lengths',
  32809: 'ThunderScan samples',
  32895: 'JBIG samples',
  33003: 'JPEG 2000 samples',
  33005: 'JPEG 2000 samples',
  34661: 'JBIG samples',
  34676: 'SGILog samples',
  34677: 'SGILog samples',
  34712: 'JPEG 2000 samples',
  34887: 'LERC samples',
  34892: 'lossy JPEG samples of a DNG',
  34925: 'LZMA-compressed samples',
  50001: 'WebP samples',
  50002: 'JPEG XL samples',
};

/**
 * Names what a valid TIFF holds that is not read here.
 * @throws {ImageError} `unsupported_variant`.
 */
export function requireReadableTiff(picture: TiffPicture): void {
  const stored = unreadContent(picture);
  if (stored === undefined) return;
  throw new ImageError('unsupported_variant', `This TIFF stores ${stored}: save it as PNG or JPEG.`);
}

function unreadContent({ compression, photometric, format, bits }: TiffPicture): string | undefined {
  if (format === SampleFormat.float) return 'floating-point samples';
  if (photometric === Photometric.lab) return 'Lab colours';
  if (format === SampleFormat.signed && bits !== 8) return `signed ${bits}-bit samples`;
  if (bits > 16) return `${bits}-bit samples`;
  return unreadCompressions[compression];
}
