import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import * as z from 'zod';
import { imageLimits } from '../../functions/shared/limits.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
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

/** The photos in order of name, with Keras' own best class for each where a reference is named, else ours. */
export async function readPhotos(settings: BenchSettings): Promise<ReferencePhoto[]> {
  const names = (await readdir(settings.images)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  const photos = await Promise.all(
    names.map(async (name) => ({ name, bytes: await readFile(join(settings.images, name)) })),
  );
  return settings.reference === undefined
    ? labelByClassifier(photos, settings.modelDir)
    : labelByReference(photos, settings.reference);
}

async function labelByReference(photos: readonly Photo[], reference: string): Promise<ReferencePhoto[]> {
  const answers = top5.parse(JSON.parse(await readFile(join(reference, 'keras_top5.json'), 'utf8')));
  return photos.map((photo) => {
    const best = answers[photo.name]?.[0];
    if (best === undefined) throw new Error(`The reference has no answer for ${photo.name}.`);
    return { ...photo, ...best };
  });
}

async function labelByClassifier(photos: readonly Photo[], modelDir: string): Promise<ReferencePhoto[]> {
  const classifier = await openClassifier(modelDir, { limits: imageLimits, keptPredictions: 1 });
  const labelled: ReferencePhoto[] = [];
  for (const photo of photos) {
    const { predictions } = await classifier.classify(photo);
    labelled.push({ ...photo, label: predictions[0]?.label ?? '', score: predictions[0]?.score ?? 0 });
  }
  await classifier.close();
  return labelled;
}

/** The photo that the reference is surest of. */
export function surest(photos: readonly ReferencePhoto[]): ReferencePhoto {
  const [first, ...others] = photos;
  if (first === undefined) throw new Error('SAMPLE_IMAGES names a folder without photos.');
  return others.reduce((best, photo) => (photo.score > best.score ? photo : best), first);
}

const BOUNDARY = 'label-on-upload-bench';

/** A form with one part `file`, as a browser sends it. */
export function multipart({ name, bytes }: Photo): Buffer {
  const head = [
    `--${BOUNDARY}`,
    `Content-Disposition: form-data; name="file"; filename="${name}"`,
    'Content-Type: image/jpeg',
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n')), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
}

export const multipartType = `multipart/form-data; boundary=${BOUNDARY}`;

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
