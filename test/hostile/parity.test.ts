import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { imageLimits } from '../../functions/shared/limits.ts';
import { compileKernel } from '../../layers/model/build/compile-kernel.ts';
import type { Pixels } from '../../layers/model/run/bmp.ts';
import { loadInputReader, type ReadInput } from '../../layers/model/run/input.ts';
import { toInput } from '../support/model/decode.ts';
import { drawChecks, drawRings, drawScene, toSharp } from '../support/pictures/drawn.ts';

/** A Python with Pillow 13 and pillow-heif (test/keras/requirements-samples.txt), which `.ci/run` makes. */
const python = process.env.PILLOW_PYTHON;

const indexSchema = z.object({
  pillow: z.string(),
  pictures: z.record(
    z.string(),
    z.union([
      z.object({ samples: z.string(), width: z.int(), height: z.int() }),
      z.object({ error: z.string() }),
    ]),
  ),
});

const drawn: Readonly<Record<string, Pixels>> = {
  scene: drawScene(320, 240),
  tall: drawScene(151, 433),
  rings: drawRings(257, 130),
  wide: drawRings(700, 90),
  checks: drawChecks(61, 97),
  small: drawScene(17, 11),
  large: drawRings(900, 700),
  square: drawScene(224, 224),
  fine: drawChecks(333, 222),
};

/** What sharp writes of each drawn picture. */
const forms: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  'plain.png': (picture) => picture.png(),
  'interlaced.png': (picture) => picture.png({ progressive: true }),
  'palette.png': (picture) => picture.png({ palette: true, colours: 40 }),
  'alpha.png': (picture) => picture.ensureAlpha(0.4).png(),
  'grey.png': (picture) => picture.greyscale().png(),
  'deep.png': (picture) => picture.toColourspace('rgb16').png(),
  'turned.png': (picture) => picture.withMetadata({ orientation: 6 }).png(),
  '420.jpg': (picture) => picture.jpeg({ quality: 85 }),
  '444.jpg': (picture) => picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
  'progressive.jpg': (picture) => picture.jpeg({ progressive: true }),
  'grey.jpg': (picture) => picture.greyscale().jpeg(),
  'turned.jpg': (picture) => picture.withMetadata({ orientation: 8 }).jpeg(),
  'lossy.webp': (picture) => picture.webp({ quality: 70 }),
  'lossless.webp': (picture) => picture.webp({ lossless: true }),
  'alpha.webp': (picture) => picture.ensureAlpha(0.4).webp(),
  'sharp.gif': (picture) => picture.gif({ colours: 64 }),
  'lzw.tif': (picture) => picture.tiff({ compression: 'lzw', predictor: 'horizontal' }),
  'jpeg.tif': (picture) => picture.tiff({ compression: 'jpeg' }),
  'tiled.tif': (picture) =>
    picture.tiff({ compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64 }),
  'grey.tif': (picture) => picture.greyscale().tiff(),
  'deep.tif': (picture) => picture.toColourspace('rgb16').tiff({ compression: 'lzw' }),
  '444.avif': (picture) => picture.avif({ effort: 0 }),
  '420.avif': (picture) => picture.avif({ effort: 0, chromaSubsampling: '4:2:0' }),
  'turned.avif': (picture) => picture.withMetadata({ orientation: 3 }).avif({ effort: 0 }),
};

/** How far the samples of a file may be from Pillow's, in the mean: docs/decisions/colours-of-avif.md, heic-by-libheif.md. */
function mostMean(name: string): number {
  if (/(420|pillow)\.avif$/.test(name)) return 12;
  return /\.(avif|heic)$/.test(name) ? 2 : 0;
}

describe.skipIf(!python)('files of every format, drawn and converted', () => {
  let folder: string;
  let read: ReadInput;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parity-'));
    for (const name of ['jpeg', 'resize'] as const)
      await writeFile(join(folder, `${name}.wasm`), await compileKernel(name));
    read = await loadInputReader(folder, [toInput], { limits: imageLimits, timeoutSeconds: 10 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("have Pillow's samples", async () => {
    const [pictures, out] = [await mkdtemp(join(folder, 'pictures-')), join(folder, 'samples')];
    for (const [drawing, pixels] of Object.entries(drawn)) {
      for (const [form, encode] of Object.entries(forms))
        await encode(toSharp(pixels)).toFile(join(pictures, `${drawing}-${form}`));
    }
    await promisify(execFile)(python ?? '', [
      ...[
        'test/keras/reference.py',
        '--pictures',
        pictures,
        '--samples',
        out,
        '--convert',
        '*-plain.png',
        '--grey16',
        'high-byte',
      ],
    ]);
    const index = indexSchema.parse(JSON.parse(await readFile(join(out, 'index.json'), 'utf8')));
    expect(index.pillow).toMatch(/^13\./);
    expect((await readdir(pictures)).length).toBeGreaterThanOrEqual(300);
    const far: string[] = [];
    for (const [name, answer] of Object.entries(index.pictures)) {
      if ('error' in answer) throw new Error(`Pillow does not read ${name}: ${answer.error}`);
      const { windows, width, height } = await read({ bytes: await readFile(join(pictures, name)) });
      expect({ name, width, height }).toEqual({ name, width: answer.width, height: answer.height });
      const distance = meanDifference(windows[0], await readFile(join(out, answer.samples)));
      if (distance > mostMean(name)) far.push(`${name}: ${distance.toFixed(3)} in the mean`);
    }
    expect(far).toEqual([]);
  }, 600_000);
});

function meanDifference(ours: Uint8Array | undefined, theirs: Uint8Array): number {
  if (ours?.length !== theirs.length) return Number.POSITIVE_INFINITY;
  return ours.reduce((sum, sample, at) => sum + Math.abs(sample - (theirs[at] ?? 0)), 0) / theirs.length;
}
