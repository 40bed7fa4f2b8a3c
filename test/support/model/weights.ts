import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Group, File as Hdf5File, ready } from 'h5wasm/node';
import { blocks, CLASSIFIER, type Convolution } from '../../../layers/model/build/architecture.ts';
import { sha256OfFile } from '../../../layers/model/build/digest.ts';
import { type BuiltModel, buildModel } from '../../../layers/model/build/index.ts';

/** Channels that each of the 17 blocks puts out, and the first and the last convolution. */
const blockChannels = [16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320];
const STEM_CHANNELS = 32;
const FEATURES = 1280;
const CLASSES = 1000;
const EXPANSION = 6;

const RELU6_MIDDLE = 3;
/** Of a convolution's sums, behind ReLU6 and behind a linear bottleneck: found by trial. */
const VARIANCES = { relu6: 4, linear: 1 };

type Draw = () => number;

/**
 * Writes a weights file in the layout of the published checkpoint, with MobileNetV2's real shapes and values that follow
 * from the seed by integer arithmetic alone: the file is the same everywhere. Its scores mean nothing, but vary from picture to picture.
 */
export async function writeSeededWeights(path: string, shape: NetworkShape = {}): Promise<void> {
  const hdf5 = await ready;
  hdf5.activate_throwing_error_handler();
  // HDF5 notes when a dataset was made: else no two files would have the same digest.
  const { now } = Date;
  Date.now = () => 0;
  try {
    writeFileOf(drawNormal(shape.seed ?? 1), path, shape);
  } finally {
    Date.now = now;
  }
}

function writeFileOf(draw: Draw, path: string, { alpha = 1, classes = CLASSES }: NetworkShape): void {
  const file = new Hdf5File(path, 'w');
  const layers: string[] = [];
  const write = (layer: string, weights: Record<string, Weight>) => {
    layers.push(layer);
    writeLayer(file, layer, weights);
  };
  for (const { conv, inputs, outputs } of convolutions(alpha)) {
    const kernel = drawKernel(conv, inputs, outputs, draw);
    write(conv.name, { [conv.depthwise ? 'depthwise_kernel' : 'kernel']: kernel });
    write(conv.batchNorm, batchNormOf(kernel, conv, draw));
  }
  const kernel = drawWeight([featuresOf(alpha), classes], 0.04, draw);
  const bias = sumPerChannel(kernel, classes).map((sum) => -RELU6_MIDDLE * sum);
  write(CLASSIFIER, { kernel, bias: { shape: [classes], data: Float32Array.from(bias) } });
  file.create_attribute('layer_names', layers);
  file.close();
}

/** How wide a network is, how many classes it tells apart, and what its weights are drawn from. */
export interface NetworkShape {
  readonly alpha?: number;
  readonly seed?: number;
  readonly classes?: number;
}

/** Channels at another width: about so many times as many, in eights (Keras' `_make_divisible`). */
function widen(channels: number, alpha: number): number {
  const wanted = channels * alpha;
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

/** The last convolution is never narrower than in the paper. */
function featuresOf(alpha: number): number {
  return alpha > 1 ? widen(FEATURES, alpha) : FEATURES;
}

/** A class index of `CLASSES` made-up names. */
export async function writeSeededLabels(path: string): Promise<void> {
  const entries = Array.from({ length: CLASSES }, (_, i) => [
    i,
    [`n${String(i).padStart(8, '0')}`, `class_${i}`],
  ]);
  await writeFile(path, JSON.stringify(Object.fromEntries(entries)));
}

/** SHA-256 of the files that are written here: what a cache holds from an older version is written anew. */
const DIGESTS = {
  weights: '6832366b70c617786677547b3a8cc2a3a0b3e21c81876b4ca1bdc9b08cb26d3d',
  labels: '131f1b42b1e4269148b842282c6aa39d0d177a3e0832f48482ef736ddba8c981',
};

const cacheDir = join(import.meta.dirname, '../../../.cache/seeded-model');

/** Paths of {@link writeSeededWeights}'s and {@link writeSeededLabels}'s files, written once per machine. */
export async function seededInputs(): Promise<{ weights: string; labels: string }> {
  await mkdir(cacheDir, { recursive: true });
  const inputs = { weights: join(cacheDir, 'weights-1.h5'), labels: join(cacheDir, 'labels.json') };
  await once(inputs.weights, DIGESTS.weights, writeSeededWeights);
  await once(inputs.labels, DIGESTS.labels, writeSeededLabels);
  return inputs;
}

/** Builds the model of {@link seededInputs}, once per machine. */
export async function seededModel(): Promise<BuiltModel> {
  return buildModel({ ...(await seededInputs()), cacheDir });
}

/** Test files run side by side: each writes its own file, and the last rename stays. */
async function once(path: string, digest: string, write: (path: string) => Promise<void>): Promise<void> {
  if (existsSync(path) && (await sha256OfFile(path)) === digest) return;
  const temporary = `${path}.${randomUUID()}`;
  await write(temporary);
  await rename(temporary, path);
}

interface Weight {
  readonly shape: number[];
  readonly data: Float32Array;
}

function* convolutions(alpha: number): Generator<{ conv: Convolution; inputs: number; outputs: number }> {
  let channels = 3;
  for (const [index, block] of blocks.entries()) {
    const widths = [STEM_CHANNELS, ...blockChannels].map((count) => widen(count, alpha));
    const blockOutputs = [...widths, featuresOf(alpha)][index] ?? 0;
    for (const conv of block.convolutions) {
      const isExpansion = conv.relu6 && !conv.depthwise && block.convolutions.length > 1;
      const outputs = conv.depthwise ? channels : isExpansion ? channels * EXPANSION : blockOutputs;
      yield { conv, inputs: channels, outputs };
      channels = outputs;
    }
  }
}

/** Sums of weight × input have a deviation of about 1 where the inputs have. */
function drawKernel(conv: Convolution, inputs: number, outputs: number, draw: Draw): Weight {
  if (conv.depthwise) return drawWeight([3, 3, inputs, 1], 1 / 3, draw);
  const side = conv.name === 'Conv1' ? 3 : 1;
  return drawWeight([side, side, inputs, outputs], 1 / Math.sqrt(side * side * inputs), draw);
}

/**
 * A normalisation that keeps what differs between pictures: it takes off what the middle of ReLU6 adds up to, and spreads the
 * rest over ReLU6's range, so that its two ends cut alike.
 */
function batchNormOf(kernel: Weight, conv: Convolution, draw: Draw): Record<string, Weight> {
  const channels = kernel.shape[conv.depthwise ? 2 : 3] ?? 0;
  const isAfterRelu6 = conv.depthwise || !conv.relu6;
  const sums = sumPerChannel(kernel, channels);
  return {
    gamma: drawWeight([channels], 0.1, draw, conv.relu6 ? RELU6_MIDDLE : 1),
    beta: drawWeight([channels], 0.1, draw, conv.relu6 ? RELU6_MIDDLE : 0),
    moving_mean: {
      shape: [channels],
      data: Float32Array.from(sums, (sum) => (isAfterRelu6 ? RELU6_MIDDLE * sum : 0)),
    },
    moving_variance: drawWeight([channels], 0.05, draw, VARIANCES[isAfterRelu6 ? 'relu6' : 'linear']),
  };
}

/** The last dimension but for a depthwise kernel's 1 is the channel. */
function sumPerChannel({ data }: Weight, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  data.forEach((value, i) => {
    sums[i % channels] = (sums[i % channels] ?? 0) + value;
  });
  return sums;
}

function drawWeight(shape: number[], deviation: number, draw: Draw, mean = 0): Weight {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float32Array.from({ length: size }, () => mean + deviation * draw()) };
}

/** About normal, mean 0, deviation 1: the sum of three uniform numbers (mulberry32), which no platform rounds differently. */
function drawNormal(seed: number): Draw {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => 2 * (uniform() + uniform() + uniform()) - 3;
}

function writeLayer(file: Hdf5File, layer: string, weights: Record<string, Weight>): void {
  const outer: Group = file.create_group(layer);
  const inner = outer.create_group(layer);
  for (const [name, { shape, data }] of Object.entries(weights)) {
    inner.create_dataset({ name: `${name}:0`, data, shape, dtype: '<f' });
  }
  outer.create_attribute(
    'weight_names',
    Object.keys(weights).map((name) => `${layer}/${name}:0`),
  );
}
