import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { plainTags, type Tag, tiffFile } from '../../hostile/generators/tiff.ts';
import { decodeImage } from '../../support/model/decode.ts';
import { drawScene, toSharp } from '../../support/pictures/drawn.ts';

async function samplesOf(tags: readonly Tag[], data: readonly number[] | Uint8Array): Promise<number[]> {
  const { pixels } = await decodeImage({ bytes: tiffFile([tags], Uint8Array.from(data)) });
  return [...pixels.data];
}

const grey = (...levels: number[]) => levels.flatMap((level) => [level, level, level]);

describe('a TIFF', () => {
  it('of signed bytes has them as they are, as in Pillow', async () => {
    expect(await samplesOf(plainTags(2, 1, 1, [[339, 3, [2]]]), [200, 100])).toEqual(grey(200, 100));
  });

  it('of 12 bits has the highest 8 of each', async () => {
    const tags = plainTags(3, 1, 1, [
      [258, 3, [12]],
      [279, 4, [5]],
    ]);
    expect(await samplesOf(tags, [0xab, 0xcd, 0xef, 0x12, 0x30])).toEqual(grey(0xab, 0xde, 0x12));
  });

  it('of premultiplied alpha is divided by it', async () => {
    const tags = plainTags(2, 1, 4, [[338, 3, [1]]]);
    expect(await samplesOf(tags, [50, 100, 20, 100, 9, 9, 9, 0])).toEqual([127, 255, 51, 0, 0, 0]);
  });

  it('of CMYK with a channel more, or of 16 bits, has its four inks', async () => {
    const cmyk: Tag = [262, 3, [5]];
    const extra = plainTags(1, 1, 5, [cmyk, [338, 3, [0]]]);
    expect(await samplesOf(extra, [255, 0, 0, 0, 99])).toEqual([0, 255, 255]);
    const deep = plainTags(1, 1, 4, [cmyk, [258, 3, [16, 16, 16, 16]], [279, 4, [8]]]);
    expect(await samplesOf(deep, [1, 0, 1, 255, 1, 0, 1, 0])).toEqual([255, 0, 255]);
  });

  it('of YCbCr without JPEG is turned to RGB', async () => {
    const tags = plainTags(2, 1, 3, [
      [262, 3, [6]],
      [530, 3, [1, 1]],
    ]);
    expect(await samplesOf(tags, [76, 85, 255, 128, 128, 128])).toEqual([254, 0, 0, 128, 128, 128]);
  });

  it('with a plane for each sample in tiles is put together, packed or not', async () => {
    const tiles = [10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33].map((value) => Buffer.alloc(256, value));
    const tags = (compression: number, parts: readonly Buffer[]): Tag[] => {
      const starts = parts.map((_, i) => 8 + parts.slice(0, i).reduce((sum, part) => sum + part.length, 0));
      return plainTags(20, 20, 3, [
        [259, 3, [compression]],
        [284, 3, [2]],
        [322, 3, [16]],
        [323, 3, [16]],
        [324, 4, starts],
        [325, 4, parts.map(({ length }) => length)],
      ]);
    };
    const packed = tiles.map((tile) => deflateSync(tile));
    const runs = tiles.map((tile) => Buffer.from([0x81, tile[0] ?? 0, 0x81, tile[0] ?? 0]));
    for (const [compression, parts] of [
      [1, tiles],
      [8, packed],
      [32773, runs],
    ] as const) {
      const rgb = await samplesOf(tags(compression, parts), Buffer.concat(parts));
      const at = (x: number, y: number) => rgb.slice((y * 20 + x) * 3, (y * 20 + x) * 3 + 3);
      expect([at(0, 0), at(19, 0), at(0, 19), at(19, 19)]).toEqual([
        [10, 20, 30],
        [11, 21, 31],
        [12, 22, 32],
        [13, 23, 33],
      ]);
    }
  });

  it('that LZW packed is unpacked like libvips does, with differences or without', async () => {
    const picture = drawScene(300, 200);
    for (const predictor of ['none', 'horizontal'] as const) {
      const bytes = await toSharp(picture).tiff({ compression: 'lzw', predictor }).toBuffer();
      // Two more channels than RGB, which libvips does not give as Pillow does.
      const raw = await sharp(bytes).raw().toBuffer();
      expect(Buffer.compare(raw, picture.data)).toBe(0);
      const signed = withTag(bytes, 339, 2);
      expect(Buffer.compare((await decodeImage({ bytes: signed })).pixels.data, picture.data)).toBe(0);
    }
  });

  it.each([
    [
      'floating-point samples',
      [
        [339, 3, [3]],
        [258, 3, [32]],
      ],
    ],
    ['Lab colours', [[262, 3, [8]]]],
    ['LZMA-compressed samples', [[259, 3, [34925]]]],
    ['JPEG 2000 samples', [[259, 3, [34712]]]],
    ['32-bit samples', [[258, 3, [32]]]],
  ] as const)('of %s is told so', async (stored, tags) => {
    const bytes = tiffFile([plainTags(4, 4, 3, tags as readonly Tag[])], Buffer.alloc(200));
    await expect(decodeImage({ bytes })).rejects.toMatchObject({
      code: 'unsupported_variant',
      message: expect.stringMatching(new RegExp(`This TIFF stores .*${stored}: save it as`)),
    });
  });

  it('is turned as its XMP packet says where no tag does', async () => {
    const packet = Buffer.from('<x tiff:Orientation="6"/>');
    const data = Buffer.concat([Buffer.from([1, 2, 3, 4, 5, 6]), packet]);
    const file = tiffFile([plainTags(1, 2, 3, [[700, 4, [0, 0]]])], data);
    // The tag's type becomes bytes, its place that of the packet.
    const entry = file.indexOf(Buffer.from([0xbc, 0x02, 4, 0]));
    file.writeUInt16LE(1, entry + 2);
    file.writeUInt32LE(packet.length, entry + 4);
    file.writeUInt32LE(14, entry + 8);
    expect(await decodeImage({ bytes: file })).toMatchObject({ width: 2, height: 1 });
  });
});

/** The file with a tag of one short more: little-endian files have room for their directory at the end. */
function withTag(file: Buffer, tag: number, value: number): Buffer {
  const start = file.readUInt32LE(4);
  const count = file.readUInt16LE(start);
  const entries = file.subarray(start + 2, start + 2 + count * 12);
  const list = Array.from({ length: count }, (_, i) => entries.subarray(i * 12, i * 12 + 12));
  const added = Buffer.alloc(12);
  added.writeUInt16LE(tag, 0);
  added.writeUInt16LE(3, 2);
  added.writeUInt32LE(1, 4);
  added.writeUInt16LE(value, 8);
  const all = [...list.filter((entry) => entry.readUInt16LE(0) !== tag), added];
  all.sort((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));
  const head = Buffer.alloc(2);
  head.writeUInt16LE(all.length);
  const copy = Buffer.concat([file, head, ...all, Buffer.alloc(4)]);
  copy.writeUInt32LE(file.length, 4);
  return copy;
}
