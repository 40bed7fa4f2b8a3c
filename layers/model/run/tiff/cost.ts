import { costLimits, tooCostly } from '../cost.ts';
import { countScanSamples } from '../jpeg-cost.ts';
import type { TiffPicture } from './picture.ts';

const JPEG = 7;

/**
 * Bounds what decoding a TIFF's first picture may cost.
 * @throws {ImageError} `too_costly` where it has too many samples, blocks that lie over each other, or tiles far larger than it is.
 */
export function requireAffordableTiff(bytes: Uint8Array, picture: TiffPicture): void {
  const { width, height, samples, blockWidth, blockHeight, offsets, counts } = picture;
  const pixels = Math.max(width * height, blockWidth * blockHeight);
  if (pixels * samples > costLimits.tiffSamples)
    throw tooCostly(`this TIFF has ${Math.round((pixels * samples) / 1e6)} million samples`);
  // A file's blocks lie beside each other; blocks that share their bytes let a small file hold any amount of work.
  const stored = counts.reduce((sum, count) => sum + Math.min(count, bytes.byteLength), 0);
  if (stored > bytes.byteLength * 2 + 65_536) throw tooCostly("this TIFF's strips lie over each other");
  if (picture.compression !== JPEG) return;
  const scanned = offsets.reduce((sum, offset, index) => {
    const block = bytes.subarray(offset, offset + (counts[index] ?? 0));
    return sum + countScanSamples(block);
  }, 0);
  if (scanned > costLimits.jpegSamples)
    throw tooCostly("the JPEGs in this TIFF's strips have too many scans");
}
