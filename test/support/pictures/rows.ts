import type { DecodeJpeg } from '../../../layers/model/jpeg/decoder.ts';
import type { Pixels } from '../../../layers/model/run/bmp.ts';
import { type Orientation, planeBytes, type RowSink } from '../../../layers/model/run/rows.ts';

/** The upright picture that a decoder gives row by row; `undefined` where it gives none. */
export function collectRows(decodeJpeg: DecodeJpeg, bytes: Uint8Array): Pixels | undefined {
  const parts: Uint8Array[] = [];
  const stored = decodeJpeg(bytes, { start: () => {}, write: (rows) => parts.push(Buffer.from(rows)) });
  if (stored === undefined) return undefined;
  const planes = Buffer.concat(parts);
  const { width, height, orientation } = stored;
  const plane = planeBytes(width);
  if (planes.byteLength !== plane * 3 * height)
    throw new Error(`${planes.byteLength / plane / 3} rows of ${height}`);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let colour = 0; colour < 3; colour++) data[at++] = planes[(y * 3 + colour) * plane + x] ?? 0;
    }
  }
  return turn({ data, width, height }, orientation);
}

/** Hands a picture to a sink as a decoder does, so many rows at a time. */
export function writeRows(
  sink: RowSink,
  { data, width, height }: Pixels,
  orientation: Orientation,
  rows: number,
): void {
  const plane = planeBytes(width);
  sink.start({ width, height, orientation });
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    const planes = new Uint8Array(plane * 3 * count);
    for (let y = 0; y < count; y++) {
      for (let x = 0; x < width; x++) {
        for (let colour = 0; colour < 3; colour++)
          planes[(y * 3 + colour) * plane + x] = data[((top + y) * width + x) * 3 + colour] ?? 0;
      }
    }
    sink.write(planes);
  }
}

/** Where each pixel of an upright picture is in the stored one of so many columns and rows (Exif 2.32, 4.6.4). */
const origins: Readonly<
  Record<Orientation, (x: number, y: number, right: number, bottom: number) => [x: number, y: number]>
> = {
  1: (x, y) => [x, y],
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, _, bottom) => [y, bottom - x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, right) => [right - y, x],
};

/** Turns a stored picture upright, as Pillow's `exif_transpose` does. */
export function turn(stored: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return stored;
  const [width, height] = orientation >= 5 ? [stored.height, stored.width] : [stored.width, stored.height];
  const data = new Uint8Array(stored.data.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const [column, row] = origins[orientation](x, y, stored.width - 1, stored.height - 1);
      const from = (row * stored.width + column) * 3;
      data.set(stored.data.subarray(from, from + 3), at);
    }
  }
  return { data, width, height };
}
