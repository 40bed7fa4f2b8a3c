import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Attributes, FLOAT, OnnxGraph, type TensorInfo } from '../../../layers/model/build/onnx.ts';

/**
 * A folder of models of a user's own, with the answers that Python gives for them, that the environment names. Tests that need it are
 * skipped without, but not in our own CI.
 */
export const ownModels: string | undefined = readOwnModels();

function readOwnModels(): string | undefined {
  const { OWN_MODELS, CI, REQUIRE_REFERENCE } = process.env;
  if (!OWN_MODELS && CI && REQUIRE_REFERENCE === '1')
    throw new Error('REQUIRE_REFERENCE=1 needs OWN_MODELS.');
  return OWN_MODELS || undefined;
}

export async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** A folder for what one test file makes. */
export function temporaryModels(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'models-'));
}

/** What a made-up network is made of: by default 1 × 3 × 8 × 8 in, and the mean of each colour out, as logits of three classes. */
export interface MadeUpNetwork {
  readonly input?: TensorInfo;
  readonly output?: TensorInfo;
  readonly nodes?: (graph: OnnxGraph) => void;
}

export const pictureInput: TensorInfo = { name: 'pixel_values', elementType: FLOAT, shape: [1, 3, 8, 8] };
export const logitsOutput: TensorInfo = { name: 'logits', elementType: FLOAT, shape: [1, 3] };

function meanOfColours(graph: OnnxGraph): void {
  graph.node('GlobalAveragePool', 'pooled', ['pixel_values']);
  graph.node('Flatten', 'logits', ['pooled']);
}

/** The bytes of a small network that needs no weights. */
export function madeUpNetwork({ input, output, nodes }: MadeUpNetwork = {}): Uint8Array {
  const graph = new OnnxGraph();
  (nodes ?? meanOfColours)(graph);
  return graph.encode('made up', input ?? pictureInput, output ?? logitsOutput);
}

/** A network of one operator. */
export function networkOf(operator: string, attributes: Attributes = {}): Uint8Array {
  return madeUpNetwork({
    nodes: (graph) => {
      graph.node(operator, 'first', ['pixel_values'], attributes);
      graph.node('GlobalAveragePool', 'pooled', ['first']);
      graph.node('Flatten', 'logits', ['pooled']);
    },
  });
}

export const colours = { 0: 'red', 1: 'green', 2: 'blue' };
export const eightByEight = {
  image_processor_type: 'ViTImageProcessor',
  size: { height: 8, width: 8 },
};

/** The files of a model folder; `undefined` leaves one out. */
export interface FolderFiles {
  readonly network?: Uint8Array | string | undefined;
  readonly config?: object | undefined;
  readonly processor?: object | undefined;
  readonly labels?: string | undefined;
}

/** Writes a folder as Hugging Face's Optimum does. */
export async function writeModelFolder(parent: string, files: FolderFiles = {}): Promise<string> {
  const folder = join(parent, randomUUID());
  await mkdir(folder);
  const { network, config, processor, labels }: FolderFiles = {
    ...{ network: madeUpNetwork(), config: { id2label: colours }, processor: eightByEight },
    ...files,
  };
  if (network !== undefined) await writeFile(join(folder, 'model.onnx'), network);
  if (config !== undefined) await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  if (processor !== undefined) {
    await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
  }
  if (labels !== undefined) await writeFile(join(folder, 'labels.txt'), labels);
  return folder;
}

/** A copy of a model folder with other files in it. */
export async function copyModelFolder(
  from: string,
  parent: string,
  files: Readonly<Record<string, object>>,
): Promise<string> {
  const folder = join(parent, randomUUID());
  await mkdir(join(folder, 'onnx'), { recursive: true });
  await cp(join(from, 'onnx/model.onnx'), join(folder, 'onnx/model.onnx'));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
  return folder;
}
