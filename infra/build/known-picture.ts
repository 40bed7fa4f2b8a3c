import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { pictureFiles, pictureLabel } from '../../aws/known-picture.ts';
import { imageLimits } from '../../functions/shared/limits.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';

/** Pixels. */
const cell = 32;
const cells = 13;
const side = (cells + 1) * cell;

/** A crossword puzzle: drawn in a moment, and ImageNet has a class for it. */
function drawPicture(): Promise<Buffer> {
  const indices = [...Array(cells).keys()];
  const at = (index: number) => cell / 2 + index * cell;
  const dark = indices.flatMap((y) =>
    indices
      .filter((x) => (x * 7 + y * 5 + x * y) % 4 === 0)
      .map((x) => `<rect x="${at(x)}" y="${at(y)}" width="${cell}" height="${cell}"/>`),
  );
  const lines = [...indices, cells].map(
    (index) => `<path d="M${at(0)} ${at(index)}H${at(cells)}M${at(index)} ${at(0)}V${at(cells)}"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="${side}" height="${side}" fill="white"/>${dark.join('')}<g stroke="black">${lines.join('')}</g></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 90 }).toBuffer();
}

/**
 * Lays a picture and the label that this build's model gives it into each of the folders.
 * @param modelDir what `buildModel` made.
 */
export async function layKnownPicture(modelDir: string, folders: readonly string[]): Promise<void> {
  const bytes = await drawPicture();
  const classifier = await openClassifier(modelDir, { limits: imageLimits, keptPredictions: 1 });
  const { predictions } = await classifier.classify({ bytes });
  await classifier.close();
  const described = JSON.stringify(pictureLabel.parse({ label: predictions[0]?.label }));
  for (const folder of folders) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, pictureFiles.picture), bytes);
    await writeFile(join(folder, pictureFiles.label), described);
  }
}
