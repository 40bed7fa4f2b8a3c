import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageLimits } from '../../../functions/shared/limits.ts';
import { compileKernel } from '../../../layers/model/build/compile-kernel.ts';
import { type DecodeJpeg, loadJpegDecoder } from '../../../layers/model/jpeg/decoder.ts';
import type { Pixels } from '../../../layers/model/run/bmp.ts';
import type { DecodedImage } from '../../../layers/model/run/decode.ts';
import { orientations } from '../../../layers/model/run/rows.ts';
import { decodeImage } from '../../support/model/decode.ts';
import { drawChecks, drawRings, drawScene, toSharp } from '../../support/pictures/drawn.ts';
import { pillowJpegs } from '../../support/pictures/pillow-jpegs.ts';
import { collectRows } from '../../support/pictures/rows.ts';

let folder: string;
let decodeJpeg: DecodeJpeg;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jpeg-'));
  await writeFile(join(folder, 'jpeg.wasm'), await compileKernel('jpeg'));
  decodeJpeg = await loadJpegDecoder(join(folder, 'jpeg.wasm'), imageLimits);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Fails where the kernel leaves the picture to libvips. */
async function expectSamplesOfLibvips(bytes: Uint8Array): Promise<void> {
  const ours = collectRows(decodeJpeg, bytes);
  const { pixels } = await decodeImage({ bytes });
  expect(ours).toMatchObject({ width: pixels.width, height: pixels.height });
  expect(Buffer.compare(ours?.data ?? Buffer.alloc(0), pixels.data)).toBe(0);
}

const noise = (width: number, height: number, seed: number): Pixels => {
  let state = seed;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
  return { data, width, height };
};

describe('the JPEG kernel', () => {
  const painters = { scene: drawScene, rings: drawRings, checks: drawChecks };

  test.each(Object.entries(painters))("gives libvips' samples of a drawn %s", async (_, draw) => {
    for (const [width, height] of [
      [160, 120],
      [33, 17],
      [16, 16],
      [8, 250],
      [20, 64],
      [1, 1],
    ] as const) {
      for (const chromaSubsampling of ['4:4:4', '4:2:0']) {
        if (width === 1 && chromaSubsampling === '4:2:0') continue;
        for (const quality of [100, 80, 15]) {
          const image = toSharp(draw(width, height));
          await expectSamplesOfLibvips(await image.jpeg({ quality, chromaSubsampling }).toBuffer());
        }
      }
    }
  });

  test("gives libvips' samples of any size, quality and samples", async () => {
    const side = fc.integer({ min: 5, max: 70 });
    const options = fc.record({
      quality: fc.integer({ min: 1, max: 100 }),
      chromaSubsampling: fc.constantFrom('4:4:4', '4:2:0'),
      optimiseCoding: fc.boolean(),
      progressive: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(side, side, fc.nat(), options, async (width, height, seed, settings) => {
        await expectSamplesOfLibvips(
          await toSharp(noise(width, height, seed))
            .jpeg(settings)
            .toBuffer(),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('repeats grey in all three bands', async () => {
    const image = toSharp(drawScene(75, 50)).toColourspace('b-w');
    await expectSamplesOfLibvips(await image.jpeg().toBuffer());
  });

  test('turns a picture upright that lies on its side', async () => {
    const picture = toSharp(drawScene(75, 50));
    for (const orientation of orientations)
      await expectSamplesOfLibvips(await picture.clone().withMetadata({ orientation }).jpeg().toBuffer());
  });

  test('takes the orientation from XMP where EXIF has none', async () => {
    const bytes = await toSharp(drawScene(75, 50)).jpeg().toBuffer();
    const xmp = (text: string) => {
      const packet = Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta ${text}/>`);
      const length = Buffer.from([0xff, 0xe1, 0, packet.length + 2]);
      return Buffer.concat([bytes.subarray(0, 2), length, packet, bytes.subarray(2)]);
    };
    expect(collectRows(decodeJpeg, xmp('tiff:Orientation="6"'))).toMatchObject({ width: 50, height: 75 });
    expect(collectRows(decodeJpeg, xmp(''))).toMatchObject({ width: 75, height: 50 });
    expect(collectRows(decodeJpeg, xmp('tiff:Orientation="9"'))).toBeUndefined();
  });

  test('takes a file in parts when it is much longer than a row of the picture', async () => {
    for (const chromaSubsampling of ['4:4:4', '4:2:0'])
      await expectSamplesOfLibvips(
        await toSharp(noise(17, 3000, 1))
          .jpeg({ quality: 100, chromaSubsampling })
          .toBuffer(),
      );
    await expectSamplesOfLibvips(pillowJpegs.longRestarts);
  });

  test.each([false, true])(
    'decodes pictures of twelve megapixels in full, progressive: %s',
    async (progressive) => {
      const large = toSharp(drawScene(4000, 3000)).jpeg({ quality: 60, progressive });
      for (const orientation of [1, 8])
        await expectSamplesOfLibvips(await large.clone().withMetadata({ orientation }).toBuffer());
    },
  );

  test('decodes a small progressive picture after a large one', async () => {
    for (const [width, height] of [
      [900, 700],
      [40, 1000],
      [30, 20],
    ] as const)
      await expectSamplesOfLibvips(
        await toSharp(noise(width, height, 1))
          .jpeg({ progressive: true, quality: 95 })
          .toBuffer(),
      );
    await expectSamplesOfLibvips(pillowJpegs.progressiveRestarts);
  });

  test('reads chroma that is half as wide, and restart markers', async () => {
    await expectSamplesOfLibvips(pillowJpegs.halfWide);
    await expectSamplesOfLibvips(pillowJpegs.restarts);
  });

  test('passes over a colour profile, a comment and an orientation that changes nothing', async () => {
    const image = toSharp(drawScene(40, 30)).withMetadata({ orientation: 1 }).withIccProfile('p3');
    const bytes = await image.jpeg().toBuffer();
    const comment = Buffer.from([0xff, 0xfe, 0, 5, 1, 2, 3]);
    await expectSamplesOfLibvips(Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)]));
  });

  test('decodes one picture after another, whatever their sizes', async () => {
    const sizes = [
      [300, 200],
      [20, 30],
      [640, 480],
      [24, 24],
    ] as const;
    for (const [width, height] of sizes)
      await expectSamplesOfLibvips(await toSharp(drawRings(width, height)).jpeg().toBuffer());
  });
});

describe('the JPEG kernel leaves to libvips', () => {
  const picture = toSharp(drawScene(60, 40));
  const baseline = () => picture.clone().jpeg({ chromaSubsampling: '4:2:0' }).toBuffer();

  /** The bytes with one of them changed, counted from a marker. */
  async function changed(marker: number, offset: number, value: number): Promise<Buffer> {
    const bytes = await baseline();
    const at = bytes.indexOf(Buffer.from([0xff, marker]));
    expect(at).toBeGreaterThan(0);
    bytes[at + offset] = value;
    return bytes;
  }

  const others: Readonly<Record<string, () => Promise<Uint8Array>>> = {
    'a progressive JPEG whose last scan is missing': async () => {
      const bytes = await picture.clone().jpeg({ progressive: true }).toBuffer();
      const scan = bytes.lastIndexOf(Buffer.from([0xff, 0xda]));
      return Buffer.concat([bytes.subarray(0, scan), bytes.subarray(-2)]);
    },
    'a progressive JPEG with a scan that comes twice': async () => {
      const bytes = await picture.clone().jpeg({ progressive: true }).toBuffer();
      const scan = bytes.lastIndexOf(Buffer.from([0xff, 0xda]));
      return Buffer.concat([bytes.subarray(0, -2), bytes.subarray(scan)]);
    },
    CMYK: () => picture.clone().toColourspace('cmyk').jpeg().toBuffer(),
    RGB: async () => pillowJpegs.rgb,
    'an orientation that there is not': async () => {
      const bytes = await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
      const entry = bytes.indexOf(Buffer.from([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6]));
      expect(entry).toBeGreaterThan(0);
      bytes[entry + 8] = 9;
      return bytes;
    },
    'a picture of two columns of chroma': () =>
      toSharp(drawScene(4, 40)).jpeg({ chromaSubsampling: '4:2:0' }).toBuffer(),
    'chroma that is half as high alone': () => changed(0xc0, 11, 0x12),
    'a segment of a kind that there is not': async () => {
      const bytes = await baseline();
      return Buffer.concat([bytes.subarray(0, 2), Buffer.from([0xff, 2, 0, 2]), bytes.subarray(2)]);
    },
    'arithmetic coding': () => changed(0xc0, 1, 0xc9),
    '12 bits a sample': () => changed(0xc0, 4, 12),
    'a frame without lines': async () => {
      const bytes = await changed(0xc0, 5, 0);
      bytes[bytes.indexOf(Buffer.from([0xff, 0xc0])) + 6] = 0;
      return bytes;
    },
    'tables that are missing': () => changed(0xc0, 12, 3),
    'a restart interval without restarts': async () => {
      const bytes = await baseline();
      const interval = Buffer.from([0xff, 0xdd, 0, 4, 0, 1]);
      return Buffer.concat([bytes.subarray(0, 2), interval, bytes.subarray(2)]);
    },
    'bytes behind the last block': async () => {
      const bytes = await baseline();
      return Buffer.concat([bytes.subarray(0, -2), Buffer.from([1, 2, 3, 0xff, 0xd9])]);
    },
    'a side longer than any picture may have': async () => {
      const bytes = await changed(0xc0, 7, 0xff);
      bytes[bytes.indexOf(Buffer.from([0xff, 0xc0])) + 8] = 0xff;
      return bytes;
    },
    'what begins otherwise': async () => {
      const bytes = await baseline();
      bytes[1] = 0;
      return bytes;
    },
    'what is no JPEG': () => picture.clone().png().toBuffer(),
  };

  test.each(Object.entries(others))('%s', async (_, make) => {
    expect(collectRows(decodeJpeg, await make())).toBeUndefined();
  });

  describe.each([false, true])('where it is progressive: %s', (progressive) => {
    const whole = () => picture.clone().jpeg({ chromaSubsampling: '4:2:0', progressive }).toBuffer();

    test('a file that is cut off, wherever', async () => {
      const bytes = await whole();
      for (let length = 0; length < bytes.length; length++)
        expect(collectRows(decodeJpeg, bytes.subarray(0, length))).toBeUndefined();
    });

    test("whatever damage shows, and of the rest gives libvips' samples", async () => {
      const original = await whole();
      const change = fc.record({ at: fc.integer({ min: 2, max: original.length - 1 }), byte: fc.nat(255) });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
          const bytes = Buffer.from(original);
          for (const { at, byte } of changes) bytes[at] = byte;
          const ours = collectRows(decodeJpeg, bytes);
          if (ours === undefined) return;
          const theirs: DecodedImage = await decodeImage({ bytes });
          expect(theirs.pixels).toMatchObject({ width: ours.width, height: ours.height });
          expect(Buffer.compare(ours.data, theirs.pixels.data)).toBe(0);
        }),
        { numRuns: 500 },
      );
    });
  });
});
