import { type ImageLimits, requireSizeWithinLimit, type Size } from './size.ts';

/** Packed RGB samples, 8 bits each, in rows from the top. */
export interface Pixels extends Size {
  readonly data: Uint8Array;
}

interface Header extends Size {
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly paletteAt: number;
  readonly paletteEntry: 3 | 4;
  readonly colours: number;
  readonly pixelsAt: number;
}

const CORE_HEADER = 12;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = [3, 6];
const MASKS_AT = 54;

/**
 * Decodes a Windows or OS/2 bitmap (https://learn.microsoft.com/windows/win32/gdi/bitmap-storage): 1, 4, 8, 16, 24 and 32 bits, palettes, bit
 * fields, run lengths, rows in either order. Alpha is left out, as Pillow's `convert("RGB")` does.
 * @throws {ImageError} `too_many_pixels`. Any other error means that the file is damaged or of a kind that nobody writes.
 */
export function decodeBmp(bytes: Uint8Array, limits: ImageLimits): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(view);
  requireSizeWithinLimit(header, limits);
  const { width, height, bits, topDown } = header;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const runs = header.compression === RLE8 || header.compression === RLE4;
  // Checked before anything of the claimed size is reserved; run lengths can say any size in a few bytes.
  // The last row's padding may be missing.
  const needed = header.pixelsAt + stride * (height - 1) + Math.ceil((width * bits) / 8);
  if (!runs && needed > bytes.byteLength) throw new RangeError('The bitmap is truncated');
  const colour =
    bits <= 8
      ? paletteReader(view, header, runs ? decodeRuns(view, header) : undefined)
      : directReader(view, header);
  const data = new Uint8Array(width * height * 3);
  let out = 0;
  for (let y = 0; y < height; y++) {
    const row = topDown ? y : height - 1 - y;
    for (let x = 0; x < width; x++, out += 3) {
      const rgb = colour(row, x, stride);
      data[out] = rgb >> 16;
      data[out + 1] = rgb >> 8;
      data[out + 2] = rgb;
    }
  }
  return { data, width, height };
}

function readHeader(view: DataView): Header {
  const size = view.getUint32(14, true);
  const pixelsAt = view.getUint32(10, true);
  if (size === CORE_HEADER) {
    const bits = view.getUint16(24, true);
    return {
      ...{
        width: view.getUint16(18, true),
        height: view.getUint16(20, true),
        topDown: false,
        bits,
        pixelsAt,
      },
      ...{ compression: 0, paletteAt: 26, paletteEntry: 3, colours: 1 << bits },
    };
  }
  const height = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  const colours = view.getUint32(46, true) || 1 << bits;
  // Some writers say that the pixels begin where the palette does.
  const overlap = bits <= 8 && pixelsAt === 14 + size ? colours * 4 : 0;
  const masks = size === 40 && BITFIELDS.includes(compression) ? (compression === 6 ? 16 : 12) : 0;
  return {
    ...{
      width: view.getInt32(18, true),
      height: Math.abs(height),
      topDown: height < 0,
      bits,
      compression,
      pixelsAt: pixelsAt + overlap,
    },
    ...{ paletteAt: 14 + size + masks, paletteEntry: 4, colours },
  };
}

/** Answers with a pixel as 0xRRGGBB; rows count as the file stores them. */
type Colour = (row: number, x: number, stride: number) => number;

function paletteReader(view: DataView, header: Header, indices: Uint8Array | undefined): Colour {
  const { bits, width, pixelsAt } = header;
  if (![1, 2, 4, 8].includes(bits)) throw new RangeError(`A bitmap has no ${bits} bits`);
  const palette = readPalette(view, header);
  if (indices) return (row, x) => palette[indices[row * width + x] ?? 0] ?? 0;
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  return (row, x, stride) => {
    const byte = view.getUint8(pixelsAt + row * stride + Math.floor(x / perByte));
    return palette[(byte >> (8 - bits * ((x % perByte) + 1))) & mask] ?? 0;
  };
}

function readPalette(view: DataView, { paletteAt, paletteEntry, colours }: Header): Uint32Array {
  return Uint32Array.from({ length: Math.min(colours, 256) }, (_, i) => {
    const at = paletteAt + i * paletteEntry;
    return (view.getUint8(at + 2) << 16) | (view.getUint8(at + 1) << 8) | view.getUint8(at);
  });
}

function directReader(view: DataView, { bits, compression, pixelsAt }: Header): Colour {
  const bytes = bits / 8;
  if (bits === 24) {
    return (row, x, stride) => {
      const at = pixelsAt + row * stride + x * bytes;
      return (view.getUint8(at + 2) << 16) | view.getUint16(at, true);
    };
  }
  if (bits !== 16 && bits !== 32) throw new RangeError(`A bitmap has no ${bits} bits`);
  const masks = BITFIELDS.includes(compression)
    ? [0, 4, 8].map((at) => view.getUint32(MASKS_AT + at, true))
    : bits === 16
      ? [0x7c00, 0x03e0, 0x1f]
      : [0xff0000, 0xff00, 0xff];
  const [red, green, blue] = masks.map(sampleReader);
  if (!red || !green || !blue) throw new RangeError('A bitmap needs three masks');
  const read = bits === 16 ? view.getUint16.bind(view) : view.getUint32.bind(view);
  return (row, x, stride) => {
    const value = read(pixelsAt + row * stride + x * bytes, true);
    return (red(value) << 16) | (green(value) << 8) | blue(value);
  };
}

/** Takes a mask's bits out of a pixel and stretches them to 0…255, rounded down as Pillow does. */
function sampleReader(mask: number): (value: number) => number {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  const highest = mask >>> shift;
  if (highest === 0) return () => 0;
  return (value) => Math.floor((((value & mask) >>> shift) * 255) / highest);
}

/**
 * Run-length coded indices, unpacked one a byte in stored row order; what is left out stays 0. What a run has beyond its row's end costs
 * nothing, and what follows the last row is not read: the work is bounded by the file's bytes and the picture's pixels.
 */
function decodeRuns(view: DataView, { width, height, compression, pixelsAt }: Header): Uint8Array {
  const indices = new Uint8Array(width * height);
  const nibbles = compression === RLE4;
  let at = pixelsAt;
  let x = 0;
  let y = 0;
  /** Writes as many of `count` indices as the row has room for. */
  const put = (count: number, indexAt: (i: number) => number) => {
    const fitting = Math.min(count, Math.max(0, width - x));
    for (let i = 0; i < fitting; i++) indices[y * width + x + i] = indexAt(i);
    x += count;
  };
  const pick = (byte: number, i: number) => (nibbles ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
  while (y < height) {
    const count = view.getUint8(at++);
    const value = view.getUint8(at++);
    if (count > 0) {
      put(count, (i) => pick(value, i));
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += view.getUint8(at++);
      y += view.getUint8(at++);
    } else {
      const bytes = nibbles ? Math.ceil(value / 2) : value;
      const start = at;
      put(value, (i) => pick(view.getUint8(start + (nibbles ? i >> 1 : i)), i));
      at += bytes + (bytes % 2);
    }
  }
  return indices;
}
