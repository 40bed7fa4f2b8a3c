import sharp from 'sharp';
import { drawing as svg } from '../../../web/samples/drawings.ts';
import type { TestFile } from './browser.ts';

/** A picture that the project draws itself, such as `balloon.png`. */
export async function drawing(name: string): Promise<TestFile> {
  const picture = sharp(svg(name.replace('.png', ''))).png();
  return { name, mimeType: 'image/png', buffer: await picture.toBuffer() };
}
