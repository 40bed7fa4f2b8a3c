import { describe, expect, test } from 'vitest';
import { imageLimits } from '../../../functions/shared/limits.ts';
import { decodeBmp } from '../../../layers/model/run/bmp.ts';

interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly compression?: number;
  readonly palette?: readonly number[];
  readonly masks?: readonly number[];
  readonly colours?: number;
  readonly pixels: readonly number[];
}

/** A bitmap with a 40-byte header; a negative height stores rows from the top; palettes are blue, green, red, 0. */
function bitmap({
  width,
  height,
  bits,
  compression = 0,
  palette = [],
  masks = [],
  colours = 0,
  pixels,
}: Bitmap): Uint8Array {
  const maskBytes = Buffer.alloc(masks.length * 4);
  masks.forEach((mask, i) => {
    maskBytes.writeUInt32LE(mask, i * 4);
  });
  const header = Buffer.alloc(54);
  header.write('BM', 'latin1');
  const pixelsAt = header.length + maskBytes.length + palette.length;
  header.writeUInt32LE(pixelsAt, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  header.writeUInt32LE(colours, 46);
  return Buffer.concat([header, maskBytes, Buffer.from(palette), Buffer.from(pixels)]);
}

const blackRedGreenBlue = [0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0];
const [black, red, green, blue] = [
  [0, 0, 0],
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
] as const;

function expectPixels(
  bytes: Uint8Array,
  width: number,
  height: number,
  pixels: readonly (readonly number[])[],
): void {
  const decoded = decodeBmp(bytes, imageLimits);
  expect(decoded).toMatchObject({ width, height });
  expect([...decoded.data]).toEqual(pixels.flat());
}

describe('decodeBmp', () => {
  test('reads 24 bits, rows from the bottom, each padded to four bytes', () => {
    const pixels = [0, 0, 255, 0, 255, 0, 99, 99, 255, 0, 0, 0, 0, 0, 99, 99];
    expectPixels(bitmap({ width: 2, height: 2, bits: 24, pixels }), 2, 2, [blue, black, red, green]);
  });

  test('reads rows from the top where the height is negative', () => {
    const pixels = [0, 0, 255, 0, 255, 0, 0, 0];
    expectPixels(bitmap({ width: 1, height: -2, bits: 24, pixels }), 1, 2, [red, blue]);
  });

  test('reads 1, 4 and 8 bits by a palette, at widths that end within a byte', () => {
    const palette = blackRedGreenBlue;
    expectPixels(
      bitmap({ width: 3, height: 1, bits: 1, palette: palette.slice(0, 8), pixels: [0b010_00000, 0, 0, 0] }),
      3,
      1,
      [...[black, red, black]],
    );
    expectPixels(
      bitmap({ width: 3, height: 1, bits: 4, palette, colours: 4, pixels: [0x12, 0x30, 0, 0] }),
      3,
      1,
      [red, green, blue],
    );
    expectPixels(bitmap({ width: 3, height: 1, bits: 8, palette, colours: 4, pixels: [3, 2, 1, 0] }), 3, 1, [
      blue,
      green,
      red,
    ]);
  });

  test('reads 16 bits as 5-5-5, or by masks as 5-6-5', () => {
    expectPixels(bitmap({ width: 2, height: 1, bits: 16, pixels: [0x00, 0x7c, 0x1f, 0x00] }), 2, 1, [
      red,
      blue,
    ]);
    const masks = [0xf800, 0x07e0, 0x001f];
    const pixels = [0x00, 0xf8, 0xe0, 0x07];
    expectPixels(bitmap({ width: 2, height: 1, bits: 16, compression: 3, masks, pixels }), 2, 1, [
      red,
      green,
    ]);
  });

  test('reads 32 bits without their alpha, or by masks in any order', () => {
    expectPixels(bitmap({ width: 1, height: 1, bits: 32, pixels: [1, 2, 3, 77] }), 1, 1, [[3, 2, 1]]);
    const masks = [0xff000000, 0x00ff0000, 0x0000ff00];
    expectPixels(
      bitmap({ width: 1, height: 1, bits: 32, compression: 3, masks, pixels: [77, 1, 2, 3] }),
      1,
      1,
      [[3, 2, 1]],
    );
  });

  test('finds pixels behind the palette where the header says that they begin at it, the last row without its padding', () => {
    const bytes = Buffer.from(
      bitmap({ width: 3, height: 1, bits: 8, palette: blackRedGreenBlue, colours: 4, pixels: [1, 2, 3] }),
    );
    bytes.writeUInt32LE(54, 10);
    expectPixels(bytes, 3, 1, [red, green, blue]);
  });

  test('unpacks runs of 8 bits: encoded, absolute, skipped', () => {
    const pixels = [...[2, 1, 0, 3, 3, 2, 1, 0], ...[0, 0], ...[0, 2, 3, 0, 2, 2], ...[0, 1]];
    const image = bitmap({
      width: 5,
      height: 2,
      bits: 8,
      compression: 1,
      palette: blackRedGreenBlue,
      colours: 4,
      pixels,
    });
    expectPixels(image, 5, 2, [black, black, black, green, green, red, red, blue, green, red]);
  });

  test('unpacks runs of 4 bits', () => {
    const pixels = [3, 0x12, 0, 3, 0x32, 0x10, 0, 1];
    const image = bitmap({
      width: 6,
      height: 1,
      bits: 4,
      compression: 2,
      palette: blackRedGreenBlue,
      colours: 4,
      pixels,
    });
    expectPixels(image, 6, 1, [red, green, red, blue, green, red]);
  });

  test('leaves out what runs past the edge', () => {
    const image = bitmap({
      width: 2,
      height: 1,
      bits: 8,
      compression: 1,
      palette: blackRedGreenBlue,
      colours: 4,
      pixels: [200, 1, 0, 1],
    });
    expectPixels(image, 2, 1, [red, red]);
  });

  test.each([
    ['truncated', bitmap({ width: 10, height: 10, bits: 24, pixels: [1, 2, 3] })],
    [
      'truncated within a run',
      bitmap({
        width: 2,
        height: 2,
        bits: 8,
        compression: 1,
        palette: blackRedGreenBlue,
        colours: 4,
        pixels: [2],
      }),
    ],
    ['of 7 bits', bitmap({ width: 1, height: 1, bits: 7, pixels: [0, 0, 0, 0] })],
    ['of 64 bits', bitmap({ width: 1, height: 1, bits: 64, pixels: [0, 0, 0, 0, 0, 0, 0, 0] })],
    ['a header alone', bitmap({ width: 1, height: 1, bits: 24, pixels: [] })],
    ['of no width', bitmap({ width: 0, height: 1, bits: 24, pixels: [] })],
    ['of a negative width', bitmap({ width: -5, height: 1, bits: 24, pixels: [] })],
  ])('throws for a bitmap that is %s', (_, image) => {
    expect(() => decodeBmp(image, imageLimits)).toThrow();
  });

  test('refuses a claimed size before it reserves memory for it', () => {
    const before = process.memoryUsage().arrayBuffers;
    const image = bitmap({ width: 60_000, height: 60_000, bits: 8, compression: 1, pixels: [0, 1] });
    expect(() => decodeBmp(image, imageLimits)).toThrow(expect.objectContaining({ code: 'too_many_pixels' }));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });
});
