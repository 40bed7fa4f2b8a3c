/**
 * `node test/keras/draw.ts DIR`: writes the pictures that the tests draw as PNG files to DIR/pictures, and the seeded weights to
 * DIR/seeded.h5, for `reference.py`.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSeededWeights } from '../support/model/weights.ts';
import { drawnPictures, toSharp } from '../support/pictures/drawn.ts';

const dir = process.argv[2];
if (!dir) throw new Error('Name the folder to write to.');
await mkdir(join(dir, 'pictures'), { recursive: true });
for (const [name, pixels] of Object.entries(drawnPictures)) {
  await toSharp(pixels)
    .png()
    .toFile(join(dir, 'pictures', `${name}.png`));
}
await writeSeededWeights(join(dir, 'seeded.h5'));
