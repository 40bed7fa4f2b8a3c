import { createHash } from 'node:crypto';
import { constants, copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import * as z from 'zod';
import type { ModelFacts, ModelLabel } from '../../description.ts';
import { modelFiles } from '../../folder.ts';
import { sha256OfBuilder } from '../builder-digest.ts';
import { sha256OfFile } from '../digest.ts';
import { ModelError } from '../errors.ts';
import { type BuiltModel, publish, readBuilt, writeFolder } from '../publish.ts';
import type { OnnxModel } from './graph.ts';
import type { OutputKind } from './kinds.ts';
import { parseJson, readLabels } from './labels.ts';
import type { Processor } from './processor.ts';
import { remembered } from './remembered.ts';
import { findSource, type ModelSource, type SourceOptions } from './source.ts';
import { type OpenInput, readInput, readOutput } from './tensors.ts';
import { tryNetwork } from './trial.ts';

export interface OwnModelOptions extends SourceOptions {
  /** What the network's output is, where the graph and `config.json` do not tell. */
  readonly output?: OutputKind | undefined;
  /** Folder for what was built. */
  readonly cacheDir: string;
}

/**
 * Makes the model folder of a person's own model: its network as it is, beside it what every runtime needs. It is tried before it is kept.
 * A folder that was built before from the same files by the same builder is used again.
 * @throws {ModelError} whose message is one sentence for the person at the terminal.
 */
export async function buildOwnModel({ cacheDir, output, ...options }: OwnModelOptions): Promise<BuiltModel> {
  const source = await findSource(options);
  const weights = await readWeights(source.network, cacheDir);
  const digests = await digestSource(source, weights);
  const key = createHash('sha256')
    .update(JSON.stringify([source.name, digests, output ?? null]))
    .digest('hex');
  const builder = await sha256OfBuilder();
  const folder = join(cacheDir, `own-${key.slice(0, 24)}-${builder.slice(0, 12)}`);
  const known = await readBuilt(folder);
  if (known) return known;
  const { readOnnx } = await import('./graph.ts');
  const model = await readOnnx(source.network);
  const plan = await planModel(source, model, output);
  const labels = await readLabels(source.labels);
  return publish(folder, async (dir) => {
    await copyNetwork(source.network, model.externalFiles, dir);
    const facts = { name: source.name, sha256: digests.network, ...plan };
    const trial = await tryNetwork(source.network, join(dir, modelFiles.network), plan);
    const classes = requireClasses(source, labels, trial.scores);
    const { loadMilliseconds, runMilliseconds } = trial;
    const needs = { memoryMb: Math.ceil(trial.memoryMb), loadMilliseconds, runMilliseconds };
    requireScores(source.network, plan.output, trial.scores);
    await writeFolder(dir, { ...facts, classes, needs }, labels);
  });
}

type Plan = Pick<ModelFacts, 'input' | 'preprocessing' | 'output'>;

async function planModel(source: ModelSource, model: OnnxModel, said: OutputKind | undefined): Promise<Plan> {
  const { network, config } = source;
  const open = readInput(network, model);
  const processor = await processorOf(source, open);
  const { preprocessing, size } = processor;
  const { height = size.height, width = size.width } = open;
  if (height !== size.height || width !== size.width) {
    throw new ModelError(
      `${network} takes pictures of ${width} × ${height} pixels, and ${source.processor} gives ${size.width} × ${size.height}: set its size to the network's.`,
    );
  }
  if (open.type === 'uint8' && !processor.isWhole) {
    throw new ModelError(
      `${network} takes whole numbers (uint8), and ${source.processor} gives fractions: set do_rescale and do_normalize to false.`,
    );
  }
  const single = Object.keys(config.id2label ?? {}).length === 1;
  const problem = config.problem_type ?? (single ? 'multi_label_classification' : undefined);
  const output = readOutput(network, model, problem, said);
  return { input: { ...open, height, width }, preprocessing, output };
}

const optionsSchema = z.record(z.string(), z.unknown());

/** What the file says; without one the picture is stretched to the graph's own size. */
async function processorOf(
  { network, processor, config }: ModelSource,
  input: OpenInput,
): Promise<Processor> {
  if (processor !== undefined) {
    const options = optionsSchema.safeParse(parseJson(processor, await readFile(processor, 'utf8')));
    if (!options.success) throw new ModelError(`${processor} is not an object of options: fetch it again.`);
    const { readProcessor } = await import('./processor.ts');
    return readProcessor(processor, options.data, config.model_type);
  }
  const { height, width } = input;
  if (height === undefined || width === undefined) {
    throw new ModelError(
      `${network} leaves the size of its pictures open: export it with a fixed one, or put a preprocessor_config.json beside it.`,
    );
  }
  const resize = { height, width, filter: 'bilinear' } as const;
  return {
    preprocessing: { resize, normalize: [], channels: 'RGB' },
    size: { height, width },
    isWhole: true,
  };
}

interface Digests {
  readonly network: string;
  readonly others: readonly string[];
}

const digestSchema = z.string().length(64);

interface Weights {
  /** Of the network's file. */
  readonly sha256: string;
  /** Each file beside it that holds weights, and its digest. */
  readonly external: readonly (readonly [string, string])[];
}

/** The digests of all weights; large files are read when they have changed. */
async function readWeights(network: string, cacheDir: string): Promise<Weights> {
  const schema = z.object({ sha256: digestSchema, externalFiles: z.array(z.string()) });
  const { sha256, externalFiles } = await remembered(network, cacheDir, schema, async () => {
    const { readOnnx } = await import('./graph.ts');
    const { externalFiles: files } = await readOnnx(network);
    return { sha256: await sha256OfFile(network), externalFiles: [...files] };
  });
  const external = externalFiles.map(async (file): Promise<[string, string]> => {
    const path = await externalPath(network, file);
    return [file, await remembered(path, cacheDir, digestSchema, () => sha256OfFile(path))];
  });
  return { sha256, external: await Promise.all(external) };
}

async function digestSource(
  { labels, processor, config }: ModelSource,
  { sha256: own, external }: Weights,
): Promise<Digests> {
  const texts = [labels, processor].map((path) => path && readFile(path, 'utf8').catch(() => null));
  const whole = createHash('sha256')
    .update(JSON.stringify([own, external]))
    .digest('hex');
  return {
    network: external.length === 0 ? own : whole,
    others: [...(await Promise.all(texts)).map(String), JSON.stringify(config)],
  };
}

/** @throws {ModelError} where the weights are not beside the network. */
async function externalPath(network: string, file: string): Promise<string> {
  const path = join(dirname(network), file);
  if (file === '' || isAbsolute(file) || normalize(file).startsWith('..')) {
    throw new ModelError(`${network} keeps weights in "${file}", which is not beside it: export it again.`);
  }
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  throw new ModelError(
    `${network} keeps weights in ${file}, and there is no such file beside it: fetch it too.`,
  );
}

/** Large files are shared with the original where the file system can. */
async function copyNetwork(network: string, externalFiles: readonly string[], dir: string): Promise<void> {
  await copyFile(network, join(dir, modelFiles.network), constants.COPYFILE_FICLONE);
  for (const file of externalFiles) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await copyFile(await externalPath(network, file), join(dir, file), constants.COPYFILE_FICLONE);
  }
}

function requireClasses(
  { network, labels: path }: ModelSource,
  labels: readonly ModelLabel[],
  scores: readonly unknown[],
): number {
  if (labels.length === scores.length) return labels.length;
  throw new ModelError(
    `${network} tells ${scores.length} classes apart, and ${path} has ${labels.length} labels: make them as many.`,
  );
}

function requireScores(
  path: string,
  { values, activation }: ModelFacts['output'],
  scores: readonly (number | null)[],
): void {
  const numbers = scores.flatMap((score) => (score !== null && Number.isFinite(score) ? [score] : []));
  if (numbers.length < scores.length) {
    throw new ModelError(`${path} gives scores that are not numbers for a blank picture: check its weights.`);
  }
  const isWithin = numbers.every((score) => score >= -1e-6 && score <= 1 + 1e-6);
  const sum = numbers.reduce((total, score) => total + score, 0);
  if (isWithin && (values === 'logits' || activation === 'sigmoid' || Math.abs(sum - 1) < 1e-2)) return;
  throw new ModelError(
    `${path} gives numbers that are no probabilities: say MODEL_OUTPUT=softmax or MODEL_OUTPUT=sigmoid.`,
  );
}
