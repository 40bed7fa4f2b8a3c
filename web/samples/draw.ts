import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { drawing, drawingNames } from './drawings.ts';

// `npm run samples`: draws the pictures of the page's first screen, under the project's own licence.
for (const name of drawingNames) {
  const picture = sharp(drawing(name)).resize(320).webp({ quality: 82, effort: 6 });
  await writeFile(new URL(`${name}.webp`, import.meta.url), await picture.toBuffer());
}
