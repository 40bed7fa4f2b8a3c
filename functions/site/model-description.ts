import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { modelIdentity } from '../shared/job.ts';

const model = modelIdentity.extend({ inputSize: z.int().positive(), classes: z.int().positive() });
const labels = z.array(z.object({ wnid: z.string(), label: z.string() }));

/** The model that answers, as `GET /model` tells it, and the classes it knows, in class-index order. */
export interface ModelDescription extends z.infer<typeof model> {
  readonly labels: z.infer<typeof labels>;
}

/** Reads `model.json` and `labels.json` from the folder that `layers/model` builds. */
export async function readModelDescription(modelDir: string): Promise<ModelDescription> {
  const read = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(modelDir, file), 'utf8'));
  return { ...model.parse(await read('model.json')), labels: labels.parse(await read('labels.json')) };
}
