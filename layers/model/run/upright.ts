import type { Pixels } from './bmp.ts';
import { readExifOrientation, readXmpOrientation } from './orientation.ts';
import type { Orientation } from './rows.ts';

const EXIF_START = Buffer.from('Exif\0\0');

/** Reads the orientation in an EXIF block, with or without its own header; `undefined` where there is none or the block is damaged. */
export function orientationInExif(block: Uint8Array): Orientation | undefined {
  const start = EXIF_START.equals(block.subarray(0, EXIF_START.length)) ? EXIF_START.length : 0;
  return unlessDamaged(() =>
    readExifOrientation(new DataView(block.buffer, block.byteOffset + start, block.byteLength - start)),
  );
}

/** Reads the orientation in an XMP packet; `undefined` where there is none. */
export function orientationInXmp(packet: Uint8Array): Orientation | undefined {
  return unlessDamaged(() =>
    readXmpOrientation(new DataView(packet.buffer, packet.byteOffset, packet.byteLength)),
  );
}

/** Metadata that cannot be read turns nothing, and is no reason to refuse a picture. */
function unlessDamaged(read: () => Orientation | undefined): Orientation | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Turns a stored picture upright. */
export function turnUpright(stored: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return stored;
  const { data, width, height } = stored;
  const isOnSide = orientation >= 5;
  const [across, down] = isOnSide ? [height, width] : [width, height];
  // Where the upright picture's first pixel lies in the stored one, and how far apart are its neighbours across and down.
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const first = (fromBottom ? height - 1 : 0) * width + (fromRight ? width - 1 : 0);
  const [alongRow, alongColumn] = [fromRight ? -1 : 1, fromBottom ? -width : width];
  const [stepAcross, stepDown] = isOnSide ? [alongColumn, alongRow] : [alongRow, alongColumn];
  const upright = new Uint8Array(data.length);
  let to = 0;
  for (let y = 0; y < down; y++) {
    let from = (first + y * stepDown) * 3;
    for (let x = 0; x < across; x++, from += stepAcross * 3) {
      upright[to++] = data[from] ?? 0;
      upright[to++] = data[from + 1] ?? 0;
      upright[to++] = data[from + 2] ?? 0;
    }
  }
  return { data: upright, width: across, height: down };
}
