import { hash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Pixels } from '../../layers/model/run/bmp.ts';
import { loadRowResize, type RowResize } from '../../layers/model/run/resize-rows.ts';
import { type Orientation, orientations } from '../../layers/model/run/rows.ts';
import { toInput } from '../support/model/decode.ts';
import { seededModel } from '../support/model/weights.ts';
import { drawChecks, drawRings, drawScene } from '../support/pictures/drawn.ts';
import { pillowResize } from '../support/pictures/pillow.ts';
import { turn, writeRows } from '../support/pictures/rows.ts';

const SIDE = 224;
let resize: RowResize;

beforeAll(async () => {
  const { dir } = await seededModel();
  resize = await loadRowResize(join(dir, 'resize.wasm'), toInput);
});

/** A plain turn and a plain resize are the oracle. */
function expectLikePillow(stored: Pixels, orientation: Orientation, rows: number): void {
  writeRows(resize, stored, orientation, rows);
  const expected = pillowResize(turn(stored, orientation), SIDE, SIDE).data;
  const name = `${stored.width} × ${stored.height}, orientation ${orientation}, ${rows} rows at a time`;
  expect(hash('sha256', resize.finish()), name).toBe(hash('sha256', expected));
}

describe('the resize of rows as they come', () => {
  test.each(orientations)(
    'equals Pillow to the bit for orientation %i, whichever pass is first',
    (orientation) => {
      for (const [width, height] of [
        [500, 375],
        [375, 500],
        [900, 300],
        [300, 900],
        [200, 100],
        [100, 200],
        [1200, 1200],
      ] as const)
        expectLikePillow(drawRings(width, height), orientation, 16);
    },
  );

  test('equals it for any size, any orientation and any number of rows at a time', () => {
    const pictures = fc.record({
      width: fc.integer({ min: 1, max: 600 }),
      height: fc.integer({ min: 1, max: 600 }),
      orientation: fc.constantFrom(...orientations),
      rows: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(pictures, ({ width, height, orientation, rows }) =>
        expectLikePillow(drawRings(width, height), orientation, rows),
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    [1, 1],
    [1, 5000],
    [16_384, 1],
    [16_384, 30],
    [30, 16_384],
    [224, 224],
    [223, 225],
    [3000, 2000],
  ])('equals it at %i × %i', (width, height) => {
    expectLikePillow(drawScene(width, height), 1, 15);
    expectLikePillow(drawChecks(width, height), 8, 16);
  });

  test('forgets a picture that was left unfinished', () => {
    const tall = drawRings(300, 2000);
    writeRows(resize, { ...tall, height: 700 }, 1, 16);
    expectLikePillow(tall, 6, 16);
    expectLikePillow(drawScene(400, 300), 1, 16);
  });

  test('clips what overshoots and keeps an even colour', () => {
    const white = { data: new Uint8Array(2000 * 111 * 3).fill(255), width: 2000, height: 111 };
    writeRows(resize, white, 1, 16);
    expect(resize.finish().every((sample) => sample === 255)).toBe(true);
  });
});
