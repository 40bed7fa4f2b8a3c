import { type Convolution, EPSILON } from './architecture.ts';
import { WeightsError } from './errors.ts';
import type { Weight, WeightReader } from './keras.ts';

/** A convolution with its batch normalisation folded in; `weights` in ONNX's order: output, input / groups, height, width. */
export interface FoldedConvolution {
  readonly shape: readonly [number, number, number, number];
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Folds a convolution's batch normalisation into its weights and a bias, in float64: w' = w·γ/√(σ²+ε), b' = β − μ·γ/√(σ²+ε)
 * (https://arxiv.org/abs/1712.05877, section 3.2).
 * @param inputScale what the weights are multiplied by beside it, where the network's input is scaled by it instead.
 */
export function foldBatchNorm(read: WeightReader, conv: Convolution, inputScale = 1): FoldedConvolution {
  const kernel = read(conv.name, conv.depthwise ? 'depthwise_kernel' : 'kernel');
  const [height, width, inputs, outputs] = kernelShape(kernel, conv);
  const channels = conv.depthwise ? inputs : outputs;
  const perGroup = conv.depthwise ? 1 : inputs;
  const { scale, bias } = readBatchNorm(read, conv, channels);
  const weights = new Float32Array(kernel.values.length);
  const area = height * width;
  for (let i = 0; i < kernel.values.length; i++) {
    // Keras: height, width, input, output; of a depthwise kernel the last is 1.
    const channel = i % channels;
    const input = Math.floor(i / channels) % perGroup;
    const position = Math.floor(i / (channels * perGroup));
    const factor = (scale[channel] ?? Number.NaN) * inputScale;
    weights[(channel * perGroup + input) * area + position] = (kernel.values[i] ?? Number.NaN) * factor;
  }
  requireFinite(weights, conv.name);
  return { shape: [channels, perGroup, height, width], weights, bias };
}

function kernelShape(kernel: Weight, conv: Convolution): readonly [number, number, number, number] {
  const [height = 0, width = 0, inputs = 0, outputs = 0] = kernel.shape;
  if (kernel.shape.length !== 4 || height * width * inputs * outputs !== kernel.values.length) {
    throw new WeightsError(`${conv.name} has the shape ${kernel.shape}: a convolution has four dimensions.`);
  }
  return [height, width, inputs, outputs];
}

function readBatchNorm(read: WeightReader, conv: Convolution, channels: number) {
  const parameter = (name: string): Float32Array => {
    const { values } = read(conv.batchNorm, name);
    if (values.length === channels) return values;
    throw new WeightsError(
      `${conv.batchNorm}/${name} has ${values.length} values, and ${conv.name} ${channels} channels.`,
    );
  };
  const gamma = parameter('gamma');
  const beta = parameter('beta');
  const mean = parameter('moving_mean');
  const variance = parameter('moving_variance');
  const scale = Float64Array.from(
    gamma,
    (value, i) => value / Math.sqrt((variance[i] ?? Number.NaN) + EPSILON),
  );
  const bias = Float32Array.from(
    beta,
    (value, i) => value - (mean[i] ?? Number.NaN) * (scale[i] ?? Number.NaN),
  );
  requireFinite(bias, conv.batchNorm);
  return { scale, bias };
}

function requireFinite(values: Float32Array, name: string): void {
  if (!values.every(Number.isFinite))
    throw new WeightsError(`The weights of ${name} are not all finite numbers.`);
}
