import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { modelIdentity } from './job.ts';

const model = modelIdentity.extend({ inputSize: z.int().positive(), classes: z.int().positive() });
const labels = z.array(z.object({ wnid: z.string(), label: z.string() }));

/** A class that the network tells apart: its WordNet id and its label. */
export type Label = z.infer<typeof labels>[number];

/** The model that answers, as `GET /model` tells it, and the classes it knows, in class-index order. */
export interface ModelDescription extends z.infer<typeof model> {
  readonly labels: readonly Label[];
}

/** Reads `model.json` and `labels.json` from the folder that `layers/model` builds. */
export async function readModelDescription(modelDir: string): Promise<ModelDescription> {
  const description = model.parse(await readJson(join(modelDir, 'model.json')));
  return { ...description, labels: await readLabels(join(modelDir, 'labels.json')) };
}

/** Reads `labels.json`, in class-index order. */
export async function readLabels(path: string): Promise<Label[]> {
  return labels.parse(await readJson(path));
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
