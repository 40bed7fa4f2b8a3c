import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { KnownPicture } from '../functions/shared/known-picture.ts';

/** What the build lays beside a function that sends the picture. */
export const pictureFiles = { picture: 'picture.jpg', label: 'picture.json' } as const;

export const pictureLabel = z.strictObject({ label: z.string() });

/** @throws {Error} where the folder has no picture. */
export async function readKnownPicture(dir: string): Promise<KnownPicture> {
  const [bytes, text] = await Promise.all([
    readFile(join(dir, pictureFiles.picture)),
    readFile(join(dir, pictureFiles.label), 'utf8'),
  ]);
  return { bytes, label: pictureLabel.parse(JSON.parse(text)).label };
}
