import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { label } from '../../../functions/shared/http/schemas.ts';
import { type ServerProcess, startServerProcess } from '../local/server-process.ts';
import { drawJpeg } from '../pictures/images.ts';
import { references } from '../pictures/reference.ts';
import { ownModels, writeModelFolder } from './own.ts';

/** Models of a person's own that every runtime serves alike: those that the environment names, and one that is made here. */
export async function modelsToServe(temporary: string): Promise<string[]> {
  const given =
    ownModels === undefined ? [] : [join(ownModels, 'kinds/kinds.onnx'), join(ownModels, 'imagenet')];
  return [...given, await writeModelFolder(temporary)];
}

/** Some photos, where the environment names any, and a drawing. */
export async function picturesToLabel(most: number): Promise<Buffer[]> {
  const drawing = await drawJpeg(320, 240, 7);
  if (references === undefined) return [drawing];
  const { images } = references;
  const names = (await readdir(images)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  const photos = await Promise.all(names.slice(0, most).map((name) => readFile(join(images, name))));
  return [...photos, drawing];
}

/** The local server as `npm start -- --model PATH` starts it. */
export function startWithModel(model: string, dataDir: string): Promise<ServerProcess> {
  return startServerProcess({ MODEL: model, DATA_DIR: dataDir });
}

const labels = z.array(label);
export type Labels = z.infer<typeof labels>;

/** The twenty best labels of a picture, with scores as they stand in the answer. */
export async function labelsOf(url: string, picture: Buffer): Promise<Labels> {
  return labels.parse(await predictAll(url, picture));
}

/** The same of each of several models, by its name. */
export async function labelsByModel(url: string, picture: Buffer, models: readonly string[]) {
  return z.record(z.string(), labels).parse(await predictAll(url, picture, `&model=${models.join()}`));
}

async function predictAll(url: string, picture: Buffer, query = ''): Promise<unknown> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(picture)]), 'picture.jpg');
  const response = await fetch(new URL(`predict?top=20${query}`, url), { method: 'POST', body: form });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}
