import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp, { type JpegOptions } from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededModel } from '../support/model/weights.ts';

const main = new URL('../support/model/input-process.ts', import.meta.url).pathname;
const megabyte = 1e6;

describe('the memory for a JPEG of 48 megapixels', { timeout: 120_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'large-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function drawLarge(name: string, options: JpegOptions): Promise<string> {
    const path = join(folder, name);
    // A picture of one colour would leave its coefficients untouched, and so without memory.
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const small = sharp({ create: { width: 400, height: 300, channels: 3, background: '#357', noise } });
    const picture = sharp(await small.png().toBuffer()).resize(8000, 6000);
    await writeFile(path, await picture.jpeg(options).toBuffer());
    return path;
  }

  async function peakOf(...files: string[]): Promise<number> {
    const { dir } = await seededModel();
    const args = ['--disable-warning=ExperimentalWarning', main, dir, ...files];
    return Number((await promisify(execFile)(process.execPath, args)).stdout);
  }

  test('stays far below its 144 MB of samples where it is baseline', async () => {
    expect(await peakOf(await drawLarge('baseline.jpg', { chromaSubsampling: '4:4:4' }))).toBeLessThan(
      60 * megabyte,
    );
  });

  test('is its coefficients where it is progressive, and no more for three of them', async () => {
    const path = await drawLarge('progressive.jpg', { progressive: true, chromaSubsampling: '4:2:0' });
    const peak = await peakOf(path, path, path);
    expect(peak).toBeGreaterThan(140 * megabyte);
    expect(peak).toBeLessThan(260 * megabyte);
  });
});
