import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
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

/** A form with one part `file`, as a browser sends it. */
export function multipart({ name, bytes }: Photo): Buffer {
  const disposition = `Content-Disposition: form-data; name="file"; filename="${name}"`;
  const head = `--${BOUNDARY}\r\n${disposition}\r\nContent-Type: image/jpeg\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
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
  await mkdir(folder, { recursive: true });
  for (const [index, photo] of photos.entries()) {
    await writeFile(join(folder, `${String(index).padStart(3, '0')}.body`), multipart(photo));
  }
  return { BODIES: folder, COUNT: String(photos.length), BOUNDARY };
}

const INLINE_LIMIT = 4 * 2 ** 20;

/** A photo blown up to 12 megapixels, in the best quality that stays below 4 MiB. */
export async function enlarge({ name, bytes }: Photo): Promise<Photo> {
  const large = sharp(bytes).resize(4000, 3000, { fit: 'fill' });
  for (let quality = 98; quality >= 50; quality -= 2) {
    const encoded = await large.clone().jpeg({ quality }).toBuffer();
    if (encoded.byteLength < INLINE_LIMIT - 1024) return { name: `12mp-${name}`, bytes: encoded };
  }
  throw new Error(`${name} does not fit into 4 MiB at 12 megapixels.`);
}
