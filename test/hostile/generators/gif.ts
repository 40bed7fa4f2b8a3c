export interface GifOptions {
  readonly screen: readonly [width: number, height: number];
  /** Colours as 0xRRGGBB, none or four of them. */
  readonly palette: readonly number[];
  readonly frame: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  /** One for each pixel, 0 to 3, as they are stored. */
  readonly indices: readonly number[];
  readonly transparent?: number;
  readonly interlaced?: boolean;
}

const word = (value: number) => [value & 255, value >> 8];

/** A GIF of one frame with up to four colours, its pixels as codes of three bits that never grow: each is followed by a clear code. */
export function gifFile({ screen, palette, frame, indices, transparent, interlaced }: GifOptions): Buffer {
  const control = transparent === undefined ? [] : [0x21, 0xf9, 4, 1, 0, 0, transparent, 0];
  return Buffer.concat([
    Buffer.from('GIF89a', 'latin1'),
    Buffer.from([...screen.flatMap(word), palette.length > 0 ? 0x81 : 0, 0, 0]),
    Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255])),
    Buffer.from(control),
    Buffer.from([
      0x2c,
      ...[frame.left, frame.top, frame.width, frame.height].flatMap(word),
      interlaced ? 0x40 : 0,
    ]),
    Buffer.from([2, ...subBlocks(packCodes([...indices.flatMap((index) => [4, index]), 5])), 0x3b]),
  ]);
}

/** Codes of three bits, the lowest first. */
function packCodes(codes: readonly number[]): number[] {
  const bits = codes.flatMap((code) => [code & 1, (code >> 1) & 1, (code >> 2) & 1]);
  return Array.from({ length: Math.ceil(bits.length / 8) }, (_, byte) =>
    bits.slice(byte * 8, byte * 8 + 8).reduce((sum, bit, place) => sum | (bit << place), 0),
  );
}

function subBlocks(data: readonly number[]): number[] {
  const blocks: number[] = [];
  for (let at = 0; at < data.length; at += 255) {
    const part = data.slice(at, at + 255);
    blocks.push(part.length, ...part);
  }
  return [...blocks, 0];
}
