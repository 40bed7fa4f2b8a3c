import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../../layers/model/run/bmp.ts';
import { decodeImage } from '../../support/model/decode.ts';
import { heicFile, heicLevel } from '../../support/pictures/heic.ts';

/** How far samples are from the drawn picture's, in the mean, where `stored` tells which of its pixels is shown at a place. */
function distance({ data, width }: Pixels, stored: (x: number, y: number) => [number, number]): number {
  const differences = Array.from(data, (sample, index) => {
    const pixel = Math.floor(index / 3);
    return Math.abs(sample - heicLevel(...stored(pixel % width, Math.floor(pixel / width))));
  });
  return differences.reduce((sum, difference) => sum + difference, 0) / data.length;
}

describe('a HEIC', () => {
  test.each([
    ['upright', { width: 40, height: 24 }, (x: number, y: number): [number, number] => [x, y]],
    ['turned', { width: 24, height: 40 }, (x: number, y: number): [number, number] => [y, 23 - x]],
    ['mirrored', { width: 40, height: 24 }, (x: number, y: number): [number, number] => [x, 23 - y]],
  ] as const)('is shown as its file says: %s', async (name, size, stored) => {
    const { pixels, ...facts } = await decodeImage({ bytes: heicFile(name) });
    expect(facts).toEqual({ format: 'heic', ...size });
    expect(distance(pixels, stored)).toBeLessThan(2);
    const upsideDown = (x: number, y: number): [number, number] => [stored(x, y)[0], 23 - stored(x, y)[1]];
    expect(distance(pixels, upsideDown)).toBeGreaterThan(10);
  });

  test('is decoded the same by the same process a hundred times', async () => {
    const { pixels: first } = await decodeImage({ bytes: heicFile('upright') });
    for (let turn = 0; turn < 100; turn++) {
      const { pixels } = await decodeImage({ bytes: heicFile('upright') });
      expect(Buffer.compare(pixels.data, first.data)).toBe(0);
    }
  });

  test('is refused as damaged wherever it ends early, and the next one is decoded', async () => {
    const whole = heicFile('upright');
    for (let end = 32; end < whole.length - 8; end += 24)
      await expect(decodeImage({ bytes: whole.subarray(0, end) })).rejects.toMatchObject({
        code: 'corrupt_image',
      });
    expect(await decodeImage({ bytes: whole })).toMatchObject({ width: 40, height: 24 });
  });
});
