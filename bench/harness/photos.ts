import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import * as z from 'zod';
import { type BenchSettings, cacheDir } from './settings.ts';

export interface Photo {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A photo, the class that is the right answer for it, and how sure of it the reference is. */
export interface ReferencePhoto extends Photo {
  readonly label: string;
  readonly score: number;
}

const top5 = z.record(z.string(), z.array(z.object({ label: z.string(), score: z.number() })));

/** The photos in order of name, with Keras' own best class for each. @throws {Error} naming a photo that the reference lacks. */
export async function readPhotos({ images, reference }: BenchSettings): Promise<ReferencePhoto[]> {
  const answers = top5.parse(JSON.parse(await readFile(join(reference, 'keras_top5.json'), 'utf8')));
  const names = (await readdir(images)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const best = answers[name]?.[0];
      if (best === undefined) throw new Error(`The reference has no answer for ${name}.`);
      return { name, bytes: await readFile(join(images, name)), ...best };
    }),
  );
}

/** The photo that the reference is surest of. */
export function surest(photos: readonly ReferencePhoto[]): ReferencePhoto {
  const [first, ...others] = photos;
  if (first === undefined) throw new Error('SAMPLE_IMAGES names a folder without photos.');
  return others.reduce((best, photo) => (photo.score > best.score ? photo : best), first);
}

const BOUNDARY = 'label-on-upload-bench';
export const multipartType = `multipart/form-data; boundary=${BOUNDARY}`;

/** A form with the fields given, then a part `file`, as a browser sends it. */
export function multipart({ name, bytes }: Photo, fields: Readonly<Record<string, string>> = {}): Buffer {
  const part = (field: string, more: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"${more}\r\n\r\n`;
  const before = Object.entries(fields).map(([field, value]) => `${part(field, '')}${value}\r\n`);
  const file = part('file', `; filename="${name}"\r\nContent-Type: image/jpeg`);
  const head = Buffer.from(before.join('') + file);
  return Buffer.concat([head, bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
}

/** What `post.lua` reads. */
export interface PreparedBodies {
  readonly BODIES: string;
  readonly COUNT: string;
  readonly BOUNDARY: string;
}

/** Lays the forms down for wrk, `000.body` and so on. */
export async function prepareBodies(photos: readonly Photo[]): Promise<PreparedBodies> {
  const folder = join(cacheDir, 'bodies');
  for (const [index, photo] of photos.entries()) {
    await writeFile(join(folder, `${String(index).padStart(3, '0')}.body`), multipart(photo));
  }
  return { BODIES: folder, COUNT: String(photos.length), BOUNDARY };
}

/** A photo blown up to 12 megapixels. */
export async function enlarge({ name, bytes }: Photo): Promise<Photo> {
  const large = sharp(bytes).resize(4000, 3000, { fit: 'fill' }).jpeg({ quality: 90 });
  return { name: `12mp-${name}`, bytes: await large.toBuffer() };
}
