import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labelsSchema, type ModelFacts, type ModelLabel, modelSchema } from './description.ts';
import { acceptedFormats } from './formats.ts';

/** The files of a model folder, as the builder writes them and every runtime reads them. Weights that the network keeps apart stand beside. */
export const modelFiles = {
  description: 'model.json',
  network: 'network.onnx',
  labels: 'labels.json',
  jpegKernel: 'jpeg.wasm',
  resizeKernel: 'resize.wasm',
} as const;

/** What a model folder says of its model, its classes in the order of the network's output, and the image formats that are read. */
export interface ModelDescription extends ModelFacts {
  readonly labels: readonly ModelLabel[];
  readonly formats: typeof acceptedFormats;
}

/** Reads a model folder's description and labels. */
export async function readModelDescription(modelDir: string): Promise<ModelDescription> {
  const facts = await readModelFacts(modelDir);
  return { ...facts, labels: await readModelLabels(modelDir), formats: acceptedFormats };
}

/** Reads a model folder's description. */
export async function readModelFacts(modelDir: string): Promise<ModelFacts> {
  return modelSchema.parse(await readJson(join(modelDir, modelFiles.description)));
}

/** Reads a model folder's labels, in class-index order. */
export async function readModelLabels(modelDir: string): Promise<ModelLabel[]> {
  return labelsSchema.parse(await readJson(join(modelDir, modelFiles.labels)));
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
