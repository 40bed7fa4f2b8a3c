import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Pixels } from '../../layers/model/run/bmp.ts';
import { loadResize, type Resize } from '../../layers/model/run/resize.ts';
import { decodeImage, toInput } from '../support/model/decode.ts';
import { seededModel } from '../support/model/weights.ts';
import { drawChecks, drawnPictures, drawRings, drawScene } from '../support/pictures/drawn.ts';
import { pillowResize } from '../support/pictures/pillow.ts';
import { readCommittedReference, references, requireReferences } from '../support/pictures/reference.ts';

const SIDE = 224;
let resize: Resize;

beforeAll(async () => {
  const { dir } = await seededModel();
  resize = await loadResize(join(dir, 'resize.wasm'), toInput);
});

const sha256 = (data: Uint8Array) => hash('sha256', data);

/** `toEqual` on 150,528 numbers takes seconds; digests do not. */
function expectLikePillow(picture: Pixels): void {
  const expected = pillowResize(picture, SIDE, SIDE).data;
  expect(sha256(resize(picture)), `${picture.width} × ${picture.height}`).toBe(sha256(expected));
}

describe('the resize kernel', () => {
  test('equals Pillow itself to the bit on the drawn pictures', async () => {
    const reference = await readCommittedReference((await seededModel()).sha256);
    for (const [name, picture] of Object.entries(drawnPictures)) {
      const digests = { source: sha256(picture.data), resized: sha256(resize(picture)) };
      expect(reference?.pictures[name], name).toMatchObject(digests);
    }
  });

  test('equals the plain transcription of Pillow to the bit, for any size and any samples', () => {
    const pictures = fc.record({
      width: fc.integer({ min: 1, max: 700 }),
      height: fc.integer({ min: 1, max: 700 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(pictures, ({ width, height, seed }) => expectLikePillow(drawNoise(width, height, seed))),
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
    [224, 900],
    [900, 224],
    [223, 225],
    [3000, 2000],
  ])('equals it at %i × %i', (width, height) => {
    expectLikePillow(drawScene(width, height));
    expectLikePillow(drawChecks(width, height));
  });

  test('gives the same result whatever came before, and keeps none of it', () => {
    const [small, tall, wide] = [drawRings(300, 200), drawRings(200, 900), drawRings(2000, 100)];
    const first = [small, tall, wide].map((picture) => sha256(resize(picture)));
    const again = [wide, tall, small].map((picture) => sha256(resize(picture))).reverse();
    expect(again).toEqual(first);
  });

  test('clips what overshoots and keeps an even colour', () => {
    const white = { data: new Uint8Array(333 * 111 * 3).fill(255), width: 333, height: 111 };
    expect(resize(white).every((sample) => sample === 255)).toBe(true);
  });
});

/** Samples that change without order: mulberry32's output, byte by byte. */
function drawNoise(width: number, height: number, seed: number): Pixels {
  let state = seed | 0;
  const data = new Uint8Array(width * height * 3).map(() => {
    state = (state + 0x6d2b79f5) | 0;
    const t = Math.imul(state ^ (state >>> 15), 1 | state);
    return (t ^ (t >>> 14)) >>> 24;
  });
  return { data, width, height };
}

describe.skipIf(!references)('the resize kernel on photos', () => {
  test('equals Pillow to the bit on the photos behind pixels/*.png', async () => {
    const { answers, images } = requireReferences();
    const names = await readdir(join(answers, 'pixels'));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const expected = await sharp(join(answers, 'pixels', name))
        .removeAlpha()
        .raw()
        .toBuffer();
      const { pixels } = await decodeImage({
        bytes: await readFile(join(images, name.replace('.png', '.JPEG'))),
      });
      expect(sha256(resize(pixels)), name).toBe(sha256(expected));
    }
  });
});
