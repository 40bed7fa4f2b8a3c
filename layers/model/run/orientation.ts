import { type Orientation, orientations } from './rows.ts';

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;

/**
 * The orientation in an Exif segment's TIFF header and first directory (TIFF 6.0, section 2; Exif 2.32, 4.6.4), `undefined` where it has none.
 * @throws {RangeError} where the segment ends before, or the orientation is not a single number from 1 to 8.
 */
export function readExifOrientation(tiff: DataView): Orientation | undefined {
  const isLittle = tiff.getUint16(0) === 0x4949;
  const directory = tiff.getUint32(4, isLittle);
  const entries = tiff.getUint16(directory, isLittle);
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (tiff.getUint16(at, isLittle) !== ORIENTATION_TAG) continue;
    const isSingle = tiff.getUint16(at + 2, isLittle) === SHORT && tiff.getUint32(at + 4, isLittle) === 1;
    return toOrientation(isSingle ? tiff.getUint16(at + 8, isLittle) : 0);
  }
  return undefined;
}

/**
 * The orientation in an XMP packet, which Pillow takes where EXIF has none.
 * @throws {RangeError} where it is not a number from 1 to 8.
 */
export function readXmpOrientation(xmp: DataView): Orientation | undefined {
  const text = Buffer.from(xmp.buffer, xmp.byteOffset, xmp.byteLength).toString('latin1');
  const [, digit] = /tiff:Orientation(?:="|>)([0-9])/.exec(text) ?? [];
  return digit === undefined ? undefined : toOrientation(Number(digit));
}

function toOrientation(value: number): Orientation {
  const orientation = orientations.find((known) => known === value);
  if (orientation === undefined) throw new RangeError(`There is no orientation ${value}.`);
  return orientation;
}
