import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pixels } from '../../../layers/model/run/bmp.ts';
import { cmykToRgb } from '../../../layers/model/run/cmyk.ts';
import type { ImageFile } from '../../../layers/model/run/decode.ts';
import type { ImageErrorCode } from '../../../layers/model/run/errors.ts';
import { decodeImage } from '../../support/model/decode.ts';
import { drawRings, drawScene, toSharp } from '../../support/pictures/drawn.ts';

const picture = drawScene(120, 80);
const decodeBytes = (bytes: Uint8Array) => decodeImage({ bytes });

async function expectProblem(bytes: Uint8Array, code: ImageErrorCode): Promise<void> {
  await expect(decodeBytes(bytes)).rejects.toMatchObject({ name: 'ImageError', code });
}

function expectSamples(actual: Pixels, expected: Uint8Array): void {
  expect(Buffer.compare(actual.data, expected)).toBe(0);
}

/** A chunk of a PNG file: length, type, data, CRC (RFC 2083, section 3.2). */
function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A PNG in 8-bit grey that claims a size; its pixels are `rows` rows of black. */
function greyPng(width: number, height: number, rows = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const pixels = deflateSync(Buffer.alloc((width + 1) * rows), { level: 1 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('decode', () => {
  test.each(['png', 'webp', 'tiff'] as const)(
    'gives the samples of a lossless %s as they are',
    async (format) => {
      const bytes = await toSharp(picture)
        .toFormat(format, { lossless: true, compression: 'lzw' })
        .toBuffer();
      const decoded = await decodeBytes(bytes);
      expect(decoded).toMatchObject({ format, width: 120, height: 80 });
      expectSamples(decoded.pixels, picture.data);
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('turns a picture upright, EXIF orientation %i', async (orientation) => {
    const isTurned = orientation >= 5;
    const bytes = await toSharp(picture).withMetadata({ orientation }).png().toBuffer();
    const { width, height, pixels } = await decodeBytes(bytes);
    expect({ width, height }).toEqual(isTurned ? { width: 80, height: 120 } : { width: 120, height: 80 });
    expectSamples(pixels, await sharp(bytes).autoOrient().removeAlpha().raw().toBuffer());
    if (orientation > 1) expect(Buffer.compare(pixels.data, picture.data)).not.toBe(0);
  });

  test('repeats grey in all three bands, with alpha or without', async () => {
    const grey = Buffer.from(picture.data.filter((_, i) => i % 3 === 0));
    const expected = Uint8Array.from({ length: grey.length * 3 }, (_, i) => grey[Math.floor(i / 3)] ?? 0);
    const source = sharp(grey, { raw: { width: 120, height: 80, channels: 1 } });
    for (const image of [source.clone(), source.clone().ensureAlpha(0.5)]) {
      expectSamples((await decodeBytes(await image.toColourspace('b-w').png().toBuffer())).pixels, expected);
    }
  });

  test('leaves alpha out without mixing in a background', async () => {
    const bytes = await toSharp(picture).ensureAlpha(0.3).png().toBuffer();
    expectSamples((await decodeBytes(bytes)).pixels, picture.data);
  });

  test('takes the high byte of 16-bit grey', async () => {
    const grey = Uint16Array.from({ length: 120 * 80 }, (_, i) => (i * 6) % 65_536);
    const source = sharp(grey, { raw: { width: 120, height: 80, channels: 1 } });
    const bytes = await source.toColourspace('grey16').png().toBuffer();
    expect(await sharp(bytes).metadata()).toMatchObject({ depth: 'ushort', channels: 1 });
    const expected = Uint8Array.from(
      { length: grey.length * 3 },
      (_, i) => (grey[Math.floor(i / 3)] ?? 0) >> 8,
    );
    expectSamples((await decodeBytes(bytes)).pixels, expected);
  });

  test('turns CMYK to RGB by the samples alone', async () => {
    const bytes = await toSharp(picture).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer();
    const cmyk = await sharp(bytes).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
    expect(cmyk.length).toBe(120 * 80 * 4);
    expectSamples((await decodeBytes(bytes)).pixels, cmykToRgb(cmyk));
  });

  test('takes the first frame of an animation', async () => {
    const frames = [picture, drawRings(120, 80)].map((frame) => Buffer.from(frame.data));
    const strip = { width: 120, height: 160, channels: 3, pageHeight: 80 } as const;
    const bytes = await sharp(Buffer.concat(frames), { raw: strip }).webp({ lossless: true }).toBuffer();
    expect(await sharp(bytes).metadata()).toMatchObject({ pages: 2 });
    const decoded = await decodeBytes(bytes);
    expect(decoded).toMatchObject({ width: 120, height: 80 });
    expectSamples(decoded.pixels, picture.data);
  });

  test('reads an animated GIF', async () => {
    const frames = [picture, drawRings(120, 80)].map((frame) => Buffer.from(frame.data));
    const strip = { width: 120, height: 160, channels: 3, pageHeight: 80 } as const;
    const bytes = await sharp(Buffer.concat(frames), { raw: strip }).gif().toBuffer();
    expect(await decodeBytes(bytes)).toMatchObject({
      format: 'gif',
      width: 120,
      height: 80,
      pixels: { width: 120, height: 80 },
    });
  });

  test('reads a bitmap', async () => {
    const header = Buffer.from(
      '424d3a0000000000000036000000280000000100000001000000010018000000000004000000',
      'hex',
    );
    const bytes = Buffer.concat([header, Buffer.alloc(16), Buffer.from([3, 2, 1, 0])]);
    expect(await decodeBytes(bytes)).toMatchObject({
      format: 'bmp',
      width: 1,
      height: 1,
      pixels: { data: Uint8Array.of(1, 2, 3) },
    });
  });
});

test('decode gives a large JPEG in full by default', async () => {
  const bytes = await toSharp(drawScene(1000, 1800)).jpeg().toBuffer();
  expect((await decodeBytes(bytes)).pixels).toMatchObject({ width: 1000, height: 1800 });
});

describe('decode of a large JPEG that may be shrunk', () => {
  const decodeShrunk = (image: ImageFile) => decodeImage(image, { shrink: true });

  let folder: string;
  let large: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'decode-'));
    large = await toSharp(drawScene(1000, 1800)).jpeg().toBuffer();
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    [895, 2000, 1],
    [896, 2000, 2],
    [1791, 1800, 2],
    [1792, 1792, 4],
  ])('divides %i × %i by %i', async (width, height, factor) => {
    const bytes = await toSharp(drawScene(width, height)).jpeg().toBuffer();
    expect(await decodeShrunk({ bytes })).toMatchObject({
      ...{ width, height },
      pixels: { width: Math.floor(width / factor), height: Math.floor(height / factor) },
    });
  });

  test('gives the same samples from a path as from bytes, and leaves no temporary file', async () => {
    const path = join(folder, 'image');
    await writeFile(path, large);
    const before = (await readdir(tmpdir())).filter((name) => name.endsWith('.jpg'));
    const [fromBytes, fromPath] = [
      await decodeShrunk({ bytes: large }),
      await decodeShrunk({ bytes: large, path }),
    ];
    expect(fromPath.pixels).toMatchObject({ width: 500, height: 900 });
    expectSamples(fromBytes.pixels, fromPath.pixels.data);
    expect((await readdir(tmpdir())).filter((name) => name.endsWith('.jpg'))).toEqual(before);
  });

  test('takes brackets in the folder of the storage for what they are', async () => {
    const path = join(await mkdtemp(join(folder, '[shrink=8]-')), 'image');
    await writeFile(path, large);
    expect((await decodeShrunk({ bytes: large, path })).pixels).toMatchObject({ width: 500, height: 900 });
  });

  test('reports the upright size of the file, not of what was shrunk', async () => {
    const bytes = await toSharp(drawScene(1000, 1800)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await decodeShrunk({ bytes })).toMatchObject({
      width: 1800,
      height: 1000,
      pixels: { width: 900, height: 500 },
    });
  });

  test('calls a file that has vanished no fault of the image', async () => {
    const gone = decodeShrunk({ bytes: large, path: join(folder, 'gone') });
    await expect(gone).rejects.not.toMatchObject({ name: 'ImageError' });
  });

  test('refuses it when truncated', async () => {
    await expectProblem(large.subarray(0, large.length / 2), 'corrupt_image');
  });
});

describe('decode of what is no proper image', () => {
  test('says that an empty file is empty', () => expectProblem(new Uint8Array(), 'empty_file'));

  test.each([
    ['text', Buffer.from('not a picture, whatever the name says')],
    [
      'an SVG',
      Buffer.from(
        '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
      ),
    ],
    ['a film', Buffer.from('\0\0\0\x18ftypisom\0\0\0\0iso2avc1', 'latin1')],
  ])('does not support %s', (_, bytes) => expectProblem(bytes, 'unsupported_image'));

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    'calls a %s corrupt that ends early',
    async (format) => {
      const bytes = await toSharp(drawRings(120, 80)).toFormat(format).toBuffer();
      for (const share of [0.2, 0.5, 0.9])
        await expectProblem(bytes.subarray(0, Math.floor(bytes.length * share)), 'corrupt_image');
    },
  );

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
    'calls a %s corrupt of which only the first bytes are right',
    async (format) => {
      const start = (await toSharp(picture).toFormat(format).toBuffer()).subarray(0, 32);
      await expectProblem(Buffer.concat([start, Buffer.alloc(500, 0x5a)]), 'corrupt_image');
    },
  );

  test('calls a bitmap corrupt that ends early', async () => {
    const header = Buffer.alloc(54);
    header.write('BM', 'latin1');
    header.writeUInt32LE(54, 10);
    header.writeUInt32LE(40, 14);
    header.writeInt32LE(100, 18);
    header.writeInt32LE(100, 22);
    header.writeUInt16LE(24, 28);
    await expectProblem(header, 'corrupt_image');
  });

  test('refuses more bytes than an upload may have', async () => {
    const bytes = Buffer.concat([await toSharp(picture).jpeg().toBuffer(), Buffer.alloc(25 * 2 ** 20)]);
    await expectProblem(bytes, 'image_too_large');
  });
});

describe('decode of a JPEG of a rare kind', () => {
  test.each([
    ['12 bits a sample', 0xc1, 12],
    ['losslessly compressed samples', 0xc3, 8],
  ])('says that it stores %s', async (stored, marker, bits) => {
    const bytes = await toSharp(picture).jpeg().toBuffer();
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes[frame + 1] = marker;
    bytes[frame + 4] = bits;
    await expect(decodeBytes(bytes)).rejects.toMatchObject({
      code: 'unsupported_variant',
      message: `This JPEG stores ${stored}: save it as an 8-bit JPEG or PNG.`,
    });
  });
});

describe('decode of too many pixels', () => {
  test('refuses 51 megapixels, and takes 50', async () => {
    await expectProblem(greyPng(10_200, 5_000), 'too_many_pixels');
    expect(await decodeBytes(greyPng(10_000, 5_000))).toMatchObject({ width: 10_000, height: 5_000 });
  });

  test('refuses a JPEG of 51 megapixels', async () => {
    const source = { create: { width: 10_200, height: 5_000, channels: 3, background: 'red' } } as const;
    await expectProblem(await sharp(source).jpeg().toBuffer(), 'too_many_pixels');
  });

  test('refuses a side above 16,384, and takes one of it', async () => {
    await expectProblem(greyPng(16_385, 2), 'too_many_pixels');
    expect(await decodeBytes(greyPng(16_384, 2))).toMatchObject({ width: 16_384, height: 2 });
  });

  test.each([
    ['PNG', greyPng(60_000, 60_000, 1)],
    [
      'GIF',
      Buffer.concat([
        Buffer.from('GIF89a', 'latin1'),
        Buffer.from([0x60, 0xea, 0x60, 0xea, 0xf0, 0, 0, 0, 0, 0, 255, 255, 255]),
        Buffer.from([0x2c, 0, 0, 0, 0, 0x60, 0xea, 0x60, 0xea, 0, 2, 2, 0x44, 1, 0, 0x3b]),
      ]),
    ],
  ])('refuses a %s that claims 60,000 × 60,000 without taking memory for it', async (_, bytes) => {
    const before = process.memoryUsage.rss();
    await expectProblem(bytes, 'too_many_pixels');
    expect(process.memoryUsage.rss() - before).toBeLessThan(50e6);
  });

  test('refuses a bomb, 64 MB of pixels in as many kilobytes, by its header', async () => {
    const bomb = greyPng(16_000, 4_000);
    expect(bomb.length).toBeLessThan(300_000);
    await expectProblem(bomb, 'too_many_pixels');
  });

  test('gives up a decode that takes too long, and does not blame the image', async () => {
    const bytes = await toSharp(drawRings(3_000, 3_000)).avif({ effort: 0 }).toBuffer();
    const slow = decodeImage({ bytes }, { timeoutSeconds: 0.001 });
    await expect(slow).rejects.not.toMatchObject({ name: 'ImageError' });
  });
});
