import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { requireAffordableHeif } from '../../../layers/model/run/heif/cost.ts';
import { endlessRuns, runLengthBitmap } from '../../hostile/generators/bmp.ts';
import { repeatedTile } from '../../hostile/generators/heif.ts';
import { manyScans, manySegments } from '../../hostile/generators/jpeg.ts';
import { packedChunk, withChunks } from '../../hostile/generators/png.ts';
import { plainTags, tiffFile } from '../../hostile/generators/tiff.ts';
import { decodeImage } from '../../support/model/decode.ts';
import { drawScene, toSharp } from '../../support/pictures/drawn.ts';

const refusal = { name: 'ImageError', code: 'too_costly', message: expect.stringContaining('save it again') };

/** Processor time of this process in milliseconds while it decodes: other processes do not count. */
async function processorTime(bytes: Uint8Array): Promise<number> {
  const before = process.cpuUsage();
  await decodeImage({ bytes }).catch(() => {});
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function expectRefusal(bytes: Uint8Array): Promise<void> {
  await expect(decodeImage({ bytes })).rejects.toMatchObject(refusal);
  expect(await processorTime(bytes)).toBeLessThan(500);
}

const picture = drawScene(120, 80);

describe('the cost of a JPEG', () => {
  it('is refused for 2,000 scans over 49 million pixels', () => expectRefusal(manyScans(7000, 7000, 2000)));

  it('is refused for 50 scans over 49 million pixels, and taken for 10', async () => {
    await expectRefusal(manyScans(7000, 7000, 70));
    const { width, height } = await decodeImage({ bytes: manyScans(7000, 7000, 10) });
    expect({ width, height }).toEqual({ width: 7000, height: 7000 });
  });

  it('is taken for 500 scans over a small picture', async () => {
    expect(await decodeImage({ bytes: manyScans(64, 64, 500) })).toMatchObject({ width: 64, height: 64 });
  });

  it.each([
    ['comments', 0xfe],
    ['ICC profiles', 0xe2],
    ['application segments', 0xe5],
  ])('does not grow with %s that are passed over', async (_, marker) => {
    const jpeg = await toSharp(picture).jpeg({ progressive: true }).toBuffer();
    const bytes = manySegments(jpeg, marker, 100_000);
    expect(await processorTime(bytes)).toBeLessThan(1000);
    expect(await decodeImage({ bytes })).toMatchObject({ width: 120, height: 80 });
  });
});

describe('the cost of a bitmap', () => {
  it('does not grow with runs beyond the picture: 25 MB of them', async () => {
    expect(await processorTime(runLengthBitmap(100, 100, endlessRuns(25 * 1024 * 1024)))).toBeLessThan(1000);
  });

  it('does not grow with runs behind the last row', async () => {
    const rows = Buffer.alloc(100 * 4, Buffer.from([100, 1, 0, 0]));
    const bytes = runLengthBitmap(100, 100, Buffer.concat([rows, endlessRuns(4 * 1024 * 1024)]));
    expect(await processorTime(bytes)).toBeLessThan(500);
    expect((await decodeImage({ bytes })).pixels.data.every((sample) => sample === 255)).toBe(true);
  });
});

describe('the cost of a PNG', () => {
  it.each(['zTXt', 'iCCP'] as const)(
    'does not grow with 200 %s chunks that unpack to 7 MB each',
    async (type) => {
      const png = await toSharp(picture).png().toBuffer();
      const bytes = withChunks(png, Array<Buffer>(200).fill(packedChunk(type, 7_000_000)));
      expect(await processorTime(bytes)).toBeLessThan(500);
      expect(Buffer.compare((await decodeImage({ bytes })).pixels.data, picture.data)).toBe(0);
    },
  );
});

describe('the cost of a TIFF', () => {
  const samples = Buffer.from(picture.data);

  it('does not grow with pages: 50,000 behind the first', async () => {
    const first = plainTags(120, 80, 3);
    const bytes = tiffFile([first, ...Array(50_000).fill(plainTags(1, 1, 1))], samples);
    expect(await processorTime(bytes)).toBeLessThan(500);
    expect(Buffer.compare((await decodeImage({ bytes })).pixels.data, picture.data)).toBe(0);
  });

  it('is refused for strips that lie over each other', async () => {
    const strips = 8000;
    const [data, packed] = [randomBytes(1_000_000), [259, 3, [8]] as const];
    const offsets = [273, 4, Array<number>(strips).fill(8)] as const;
    const counts = [279, 4, Array<number>(strips).fill(data.length)] as const;
    const tags = plainTags(1000, strips, 3, [packed, offsets, counts, [278, 4, [1]]]);
    await expectRefusal(tiffFile([tags], data));
  });

  it('is refused for a thousand samples a pixel', () =>
    expectRefusal(tiffFile([plainTags(1000, 1000, 1000)], Buffer.alloc(1000))));

  it('is refused for a tile far larger than the picture', () => {
    const tags = plainTags(10, 10, 3, [
      [322, 4, [32_000]],
      [323, 4, [32_000]],
      [324, 4, [8]],
      [325, 4, [1000]],
    ]);
    return expectRefusal(tiffFile([tags], Buffer.alloc(1000)));
  });
});

describe('the cost of an AVIF', () => {
  it('is refused for a tile that comes 2,000 times', async () => {
    const tile = await sharp(Buffer.from(drawScene(1024, 1024).data), {
      raw: { width: 1024, height: 1024, channels: 3 },
    })
      .avif({ effort: 0 })
      .toBuffer();
    expect(() => requireAffordableHeif(tile)).not.toThrow();
    await expectRefusal(repeatedTile(tile, 2000));
  });
});
