import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { imageLimits } from '../../../functions/shared/limits.ts';
import { decodeGif } from '../../../layers/model/run/gif/reader.ts';
import { gifFile } from '../../hostile/generators/gif.ts';
import { drawRings, drawScene, toSharp } from '../../support/pictures/drawn.ts';

const palette = [0x102030, 0xff0000, 0x00ff00, 0x0000ff];
const [navy, red, green, blue] = palette.map((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]);

/** Rows of the decoded picture, a colour for each pixel. */
function rowsOf(bytes: Uint8Array): number[][][] {
  const { data, width, height } = decodeGif(bytes, imageLimits);
  const pixel = (at: number) => [...data.subarray(at * 3, at * 3 + 3)];
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => pixel(y * width + x)),
  );
}

describe('decodeGif', () => {
  it.each([
    [drawScene(120, 80), 256],
    [drawRings(301, 97), 16],
    [drawScene(640, 480), 2],
  ])('unpacks what an encoder wrote (%#)', async (picture, colours) => {
    const bytes = await toSharp(picture).gif({ colours }).toBuffer();
    const expected = await sharp(bytes).removeAlpha().raw().toBuffer();
    expect(Buffer.compare(decodeGif(bytes, imageLimits).data, expected)).toBe(0);
  });

  it('keeps the screen where the frame is smaller, in the first colour', () => {
    const bytes = gifFile({
      screen: [3, 2],
      palette,
      frame: { left: 1, top: 1, width: 2, height: 1 },
      indices: [1, 2],
    });
    expect(rowsOf(bytes)).toEqual([
      [navy, navy, navy],
      [navy, red, green],
    ]);
  });

  it('fills what the frame leaves out with the transparent colour, which keeps its place in the table', () => {
    const frame = { left: 0, top: 0, width: 1, height: 1 };
    expect(rowsOf(gifFile({ screen: [2, 1], palette, frame, indices: [3], transparent: 2 }))).toEqual([
      [blue, green],
    ]);
    expect(rowsOf(gifFile({ screen: [1, 1], palette, frame, indices: [2], transparent: 2 }))).toEqual([
      [green],
    ]);
  });

  it('grows the screen with a frame that reaches beyond it', () => {
    const frame = { left: 1, top: 0, width: 2, height: 1 };
    expect(rowsOf(gifFile({ screen: [1, 1], palette, frame, indices: [1, 2] }))).toEqual([
      [navy, red, green],
    ]);
  });

  it('puts interlaced rows in their places', () => {
    const frame = { left: 0, top: 0, width: 1, height: 9 };
    // Stored: rows 0, 8, then 4, then 2, 6, then 1, 3, 5, 7.
    const bytes = gifFile({
      screen: [1, 9],
      palette,
      frame,
      indices: [1, 1, 2, 3, 3, 0, 0, 0, 0],
      interlaced: true,
    });
    expect(rowsOf(bytes).flat()).toEqual([red, navy, blue, navy, green, navy, blue, navy, red]);
  });

  it('repeats grey where there is no colour table', () => {
    const frame = { left: 0, top: 0, width: 2, height: 1 };
    expect(rowsOf(gifFile({ screen: [2, 1], palette: [], frame, indices: [1, 3] }))).toEqual([
      [
        [1, 1, 1],
        [3, 3, 3],
      ],
    ]);
  });

  it.each([
    ['ends before its last pixel', { indices: [1] }],
    ['is cut off within its data', { indices: [1, 2], cut: 3 }],
    ['has no frame', { indices: [], cut: 12 }],
  ])('refuses a file that %s', (_, { indices, cut = 0 }: { indices: number[]; cut?: number }) => {
    const bytes = gifFile({
      screen: [2, 1],
      palette,
      frame: { left: 0, top: 0, width: 2, height: 1 },
      indices,
    });
    expect(() => decodeGif(bytes.subarray(0, bytes.length - cut), imageLimits)).toThrow(RangeError);
  });
});
