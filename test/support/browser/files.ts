import sharp from 'sharp';
import { drawJpeg, heicHeader } from '../pictures/images.ts';
import type { TestFile } from './browser.ts';

export async function jpeg(name: string, variant = 0, [width, height] = [320, 240]): Promise<TestFile> {
  return { name, mimeType: 'image/jpeg', buffer: await drawJpeg(width, height, variant) };
}

/** 4000 × 3000 pixels of noise: more bytes than `/predict` takes. */
export async function twelveMegapixels(name: string): Promise<TestFile> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const create = { width: 4000, height: 3000, channels: 3, background: '#888', noise } as const;
  const buffer = await sharp({ create }).jpeg({ quality: 90 }).toBuffer();
  return { name, mimeType: 'image/jpeg', buffer };
}

export const textFile: TestFile = {
  name: 'notes.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from('Milk, bread'),
};

export const heicFile: TestFile = { name: 'IMG_0042.HEIC', mimeType: 'image/heic', buffer: heicHeader() };
