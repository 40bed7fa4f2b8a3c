import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { labelsSchema, type ModelFacts, type ModelLabel, modelName, modelSchema } from './description.ts';
import { acceptedFormats } from './formats.ts';

/** The files of a model folder, as the builder writes them and every runtime reads them. Weights that the network keeps apart stand beside. */
export const modelFiles = {
  description: 'model.json',
  network: 'network.onnx',
  labels: 'labels.json',
  jpegKernel: 'jpeg.wasm',
  resizeKernel: 'resize.wasm',
} as const;

/** Stands in a folder of several models instead of the files above. */
export const listFile = 'models.json';

/** What each model is called by, and its model folder, relative to the list. The first is the default. */
const listEntry = z.object({ name: modelName, folder: z.string() });
export const listSchema = z.tuple([listEntry], listEntry);
export type ModelList = z.infer<typeof listSchema>;

/** A model folder, and what requests call its model by. */
export interface NamedFolder {
  readonly name: string;
  readonly dir: string;
}

/** The model folders that a runtime serves from `dir`, the default first: those of its list, or `dir` itself, a single one. */
export async function findModels(dir: string): Promise<[NamedFolder, ...NamedFolder[]]> {
  const path = join(dir, listFile);
  const isList = await stat(path).catch(() => undefined);
  if (isList === undefined) return [{ name: callName((await readModelFacts(dir)).name), dir }];
  const [first, ...others] = listSchema.parse(await readJson(path));
  const found = ({ name, folder }: typeof first): NamedFolder => ({ name, dir: join(dir, folder) });
  return [found(first), ...others.map(found)];
}

/** A model's own name as requests can say it: of `google/vit-base` the part after the slash, without what an address would escape. */
export function callName(name: string): string {
  const [last = ''] = name.split('/').slice(-1);
  const plain = last.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+/, '');
  return plain.slice(0, 64) || 'model';
}

/** What a model folder says of its model, its classes in the order of the network's output, and the image formats that are read. */
export interface ModelDescription extends ModelFacts {
  readonly labels: readonly ModelLabel[];
  readonly formats: typeof acceptedFormats;
}

/** A model as a runtime serves it: its name is its own, `calledBy` is what requests call it by. */
export interface ServedModel extends ModelDescription {
  readonly calledBy: string;
}

export type ServedModels = readonly [ServedModel, ...ServedModel[]];

/** Reads the descriptions of the models that a runtime serves from a folder, the default first. */
export async function readServedModels(dir: string): Promise<ServedModels> {
  const [first, ...others] = await findModels(dir);
  return [await readServed(first), ...(await Promise.all(others.map(readServed)))];
}

async function readServed({ name, dir }: NamedFolder): Promise<ServedModel> {
  return { ...(await readModelDescription(dir)), calledBy: name };
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
