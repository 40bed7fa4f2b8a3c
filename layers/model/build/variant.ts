import { basename } from 'node:path';
import { alphas, inputSizes, LAST_BLOCK_CHANNELS } from './architecture.ts';
import { WeightsError } from './errors.ts';
import type { WeightReader } from './keras.ts';

const publishedName = /_(?:0\.\d+|1\.\d+)_(\d+)(?:_\w+)?\.h5$/;
const USUAL_SIZE = 224;

/**
 * The side of the network's input. Weights do not say it, but the names of the published files do, such as
 * `mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.5_160.h5`; any other name means 224.
 * @throws {WeightsError} where the name says a side that Keras does not publish.
 */
export function sideOf(path: string): number {
  const side = Number(publishedName.exec(basename(path))?.[1] ?? USUAL_SIZE);
  if (inputSizes.some((size) => size === side)) return side;
  throw new WeightsError(
    `${path} is named for pictures of ${side} pixels: Keras has ${inputSizes.join(', ')}.`,
  );
}

/**
 * The network's width, told by how many channels its last block gives.
 * @throws {WeightsError} where it is none that Keras publishes.
 */
export function alphaOf(read: WeightReader): number {
  const channels = read('mobl16_conv_16_project', 'kernel').shape[3] ?? 0;
  const alpha = alphas.find((candidate) => Math.round(candidate * LAST_BLOCK_CHANNELS) === channels);
  if (alpha !== undefined) return alpha;
  throw new WeightsError(
    `mobl16_conv_16_project gives ${channels} channels: no MobileNetV2 of alpha ${alphas.join(', ')} does.`,
  );
}

/** The name of a MobileNetV2, such as `mobilenet_v2_1.0_224`. */
export function nameOf(alpha: number, side: number): string {
  return `mobilenet_v2_${Number.isInteger(alpha) ? alpha.toFixed(1) : alpha}_${side}`;
}
