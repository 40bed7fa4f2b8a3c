import { randomBytes } from 'node:crypto';
import { drawScene, toSharp } from '../support/pictures/drawn.ts';
import { endlessRuns, runLengthBitmap } from './generators/bmp.ts';
import { gifFile } from './generators/gif.ts';
import { repeatedTile } from './generators/heif.ts';
import { manyScans, manySegments, wideScans } from './generators/jpeg.ts';
import { packedChunk, pngChunk, withChunks } from './generators/png.ts';
import { plainTags, type Tag, tiffFile } from './generators/tiff.ts';

/** A file that asks for as much work or memory as it can; made when its turn comes. */
export interface CostlyFile {
  readonly name: string;
  readonly make: () => Buffer | Promise<Buffer>;
}

export const costlyFiles: readonly CostlyFile[] = [
  ...scans(),
  ...runs(),
  ...chunks(),
  ...directories(),
  ...frames(),
  ...tiles(),
  ...dimensions(),
];

function* scans(): Generator<CostlyFile> {
  for (const side of [8, 500, 3000, 7000])
    for (const count of [4, 12, 40, 300, 2000])
      yield { name: `${count} scans of ${side} × ${side}`, make: () => manyScans(side, side, count) };
  for (const count of [10, 25, 43])
    yield { name: `${count} wide scans of 7000 × 7000`, make: () => wideScans(7000, 7000, count) };
  for (const marker of [0xe1, 0xe2, 0xe5, 0xee, 0xfe, 0xdb, 0xc4])
    for (const [count, bytes] of [
      [400_000, 2],
      [300, 65_000],
    ] as const)
      yield {
        name: `${count} segments of marker ${marker.toString(16)}`,
        make: async () =>
          manySegments(await toSharp(drawScene(64, 64)).jpeg().toBuffer(), marker, count, bytes),
      };
}

function* runs(): Generator<CostlyFile> {
  const kinds: Record<string, (bytes: number) => Buffer> = {
    'runs without an end': endlessRuns,
    'ends of rows': (bytes) => Buffer.alloc(bytes, 0),
    jumps: (bytes) => Buffer.alloc(bytes, Buffer.from([0, 2, 255, 0])),
    'runs of their own pixels': (bytes) => Buffer.alloc(bytes, Buffer.from([0, 254, ...Array(254).fill(1)])),
  };
  for (const [width, height] of [
    [1, 1],
    [300, 300],
    [16_384, 3000],
    [2_000_000_000, 2_000_000_000],
  ] as const)
    for (const [kind, make] of Object.entries(kinds))
      for (const bytes of [4096, 24_000_000])
        yield {
          name: `${bytes} bytes of ${kind} in ${width} × ${height}`,
          make: () => runLengthBitmap(width, height, make(bytes)),
        };
}

function* chunks(): Generator<CostlyFile> {
  const png = () => toSharp(drawScene(64, 64)).png().toBuffer();
  for (const type of ['zTXt', 'iCCP'] as const)
    yield {
      name: `200 ${type} of 7 MB`,
      make: async () => withChunks(await png(), Array(200).fill(packedChunk(type, 7_000_000))),
    };
  for (const type of ['tEXt', 'eXIf', 'abCd', 'PLTE', 'tRNS', 'IDAT'])
    yield {
      name: `200,000 ${type} chunks`,
      make: async () => withChunks(await png(), Array(200_000).fill(pngChunk(type, Buffer.alloc(9)))),
    };
}

function* directories(): Generator<CostlyFile> {
  const small = plainTags(64, 64, 3);
  const data = Buffer.alloc(64 * 64 * 3);
  for (const pages of [10, 1000, 60_000])
    yield {
      name: `${pages} pages`,
      make: () => tiffFile([small, ...Array(pages).fill(plainTags(1, 1, 1))], data),
    };
  yield {
    name: 'a directory that is its own next',
    make: () => {
      const file = tiffFile([small, small], data);
      file.writeUInt32LE(file.readUInt32LE(4), file.readUInt32LE(4) + 2 + small.length * 12);
      return file;
    },
  };
  yield {
    name: '60,000 tags of the whole file',
    make: () =>
      tiffFile([[...small, ...Array.from({ length: 60_000 }, (_, i): Tag => [1000 + i, 4, [1, 2]])]], data),
  };
  for (const compression of [1, 5, 8, 32773, 7])
    for (const count of [100, 8000])
      yield {
        name: `${count} strips over each other, compression ${compression}`,
        make: () => {
          const strips: Tag[] = [
            [259, 3, [compression]],
            [273, 4, Array<number>(count).fill(8)],
            [278, 4, [1]],
            [279, 4, Array<number>(count).fill(1_000_000)],
          ];
          return tiffFile([plainTags(1000, count, 3, strips)], randomBytes(1_000_000));
        },
      };
  for (const samples of [5, 100, 65_535])
    yield {
      name: `${samples} samples a pixel`,
      make: () => tiffFile([plainTags(1000, 1000, samples)], data),
    };
  for (const side of [16, 4096, 65_520])
    yield {
      name: `a tile of ${side}`,
      make: () => {
        const tile: Tag[] = [
          [322, 4, [side]],
          [323, 4, [side]],
          [324, 4, [8]],
          [325, 4, [data.length]],
        ];
        return tiffFile([plainTags(10, 10, 3, [...tile, [339, 3, [2]]])], data);
      },
    };
}

function* frames(): Generator<CostlyFile> {
  const frame = { left: 0, top: 0, width: 2, height: 1 };
  const gif = gifFile({ screen: [2, 1], palette: [1, 2, 3, 4], frame, indices: [1, 2] });
  yield {
    name: '500,000 frames of a GIF',
    make: () => Buffer.concat([gif.subarray(0, -1), Buffer.alloc(500_000 * 16, gif.subarray(25, -1))]),
  };
  yield {
    name: '5,000,000 extensions of a GIF',
    make: () =>
      Buffer.concat([gif.subarray(0, 25), Buffer.alloc(20_000_000, Buffer.from([0x21, 0xfe, 0, 0x21])), gif]),
  };
  for (const side of [1000, 5000])
    yield {
      name: `a GIF of ${side} × ${side} in one string`,
      make: async () => {
        const raw = { width: side, height: side, channels: 3, background: 'red' } as const;
        const { default: sharp } = await import('sharp');
        return sharp({ create: raw }).gif().toBuffer();
      },
    };
}

function* tiles(): Generator<CostlyFile> {
  for (const side of [64, 1024])
    for (const count of [1, 4, 60, 2000, 60_000])
      yield {
        name: `${count} AVIF tiles of ${side}`,
        make: async () =>
          repeatedTile(await toSharp(drawScene(side, side)).avif({ effort: 0 }).toBuffer(), count),
      };
}

/** Headers that claim sizes with nothing behind them. */
function* dimensions(): Generator<CostlyFile> {
  for (const [width, height] of [
    [0, 0],
    [1, 0],
    [16_384, 3000],
    [16_385, 1],
    [65_535, 65_535],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [2 ** 32 - 1, 1],
  ] as const) {
    const named = (format: string) => `a ${format} that claims ${width} × ${height}`;
    yield {
      name: named('TIFF'),
      make: () => tiffFile([plainTags(width, height, 3, [[279, 4, [100]]])], Buffer.alloc(100)),
    };
    yield {
      name: named('PNG'),
      make: async () => {
        const png = await toSharp(drawScene(4, 4)).png().toBuffer();
        const header = Buffer.from(png.subarray(16, 29));
        header.writeUInt32BE(width, 0);
        header.writeUInt32BE(height, 4);
        return Buffer.concat([png.subarray(0, 8), pngChunk('IHDR', header), png.subarray(33)]);
      },
    };
    if (width > 65_535) continue;
    yield {
      name: named('GIF'),
      make: () =>
        gifFile({
          screen: [width, height],
          palette: [1, 2, 3, 4],
          frame: { left: 0, top: 0, width, height },
          indices: [1, 2],
        }),
    };
    yield {
      name: named('JPEG'),
      make: async () => {
        const jpeg = await toSharp(drawScene(16, 16))
          .jpeg({ progressive: width % 2 === 0 })
          .toBuffer();
        const frame = jpeg.indexOf(Buffer.from([0xff, width % 2 === 0 ? 0xc2 : 0xc0]));
        jpeg.writeUInt16BE(height, frame + 5);
        jpeg.writeUInt16BE(width, frame + 7);
        return jpeg;
      },
    };
  }
}
