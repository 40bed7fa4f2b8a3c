import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { acceptedFormats } from './formats.ts';

/** The files of a model folder, as the builder writes them and every runtime reads them. */
export const modelFiles = {
  description: 'model.json',
  network: 'network.onnx',
  labels: 'labels.json',
  jpegKernel: 'jpeg.wasm',
  resizeKernel: 'resize.wasm',
} as const;

export const modelSchema = z.object({
  name: z.string(),
  sha256: z.string().describe('SHA-256 of the weights file, in hex'),
  inputSize: z.int().positive().describe('Side of the square input, in pixels'),
  classes: z.int().positive(),
});

const labelsSchema = z.array(z.object({ wnid: z.string(), label: z.string() }));

/** A class that the network tells apart: its WordNet id, such as `n02099712`, and its label. */
export type ModelLabel = z.infer<typeof labelsSchema>[number];

/** What a model folder says of its model, its classes in the order of the network's output, and the image formats that are read. */
export interface ModelDescription extends Readonly<z.infer<typeof modelSchema>> {
  readonly labels: readonly ModelLabel[];
  readonly formats: typeof acceptedFormats;
}

/** Reads a model folder's description and labels. */
export async function readModelDescription(modelDir: string): Promise<ModelDescription> {
  const description = modelSchema.parse(await readJson(join(modelDir, modelFiles.description)));
  return { ...description, labels: await readModelLabels(modelDir), formats: acceptedFormats };
}

/** Reads a model folder's labels, in class-index order. */
export async function readModelLabels(modelDir: string): Promise<ModelLabel[]> {
  return labelsSchema.parse(await readJson(join(modelDir, modelFiles.labels)));
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
