import type { ModelFacts } from '../description.ts';
import { type Block, blocks, CLASSIFIER, type Convolution } from './architecture.ts';
import { WeightsError } from './errors.ts';
import { foldBatchNorm } from './fold.ts';
import type { WeightReader } from './keras.ts';
import { FLOAT, OnnxGraph, UINT8 } from './onnx.ts';

/** The network as bytes of an `.onnx` file, and the number of classes it tells apart. */
export interface Network {
  readonly onnx: Uint8Array;
  readonly classes: number;
}

/** Half of what a sample can be: Keras' normalisation is x / 127.5 − 1 = (x − 127.5) / 127.5. */
const HALF_RANGE = 127.5;

/**
 * Writes MobileNetV2 with its weights as ONNX.
 *
 * Input `image`: uint8 RGB, 1×side×side×3. Output `probabilities`: float32, 1×classes. The division of Keras' normalisation is
 * folded into the first convolution; its subtraction stays a node, so that padding with zero remains exact.
 * @throws {WeightsError} where the weights are not those of a MobileNetV2.
 */
export function buildNetwork(read: WeightReader, name: string, side: number): Network {
  const graph = new OnnxGraph();
  graph.constant('zero', [], Float32Array.of(0));
  graph.constant('six', [], Float32Array.of(6));
  let features = addNormalisation(graph, 'image');
  for (const block of blocks) features = addBlock(graph, read, block, features);
  const { probabilities, classes } = addClassifier(graph, read, features);
  const input = { name: 'image', elementType: UINT8, shape: [1, side, side, 3] } as const;
  const output = { name: probabilities, elementType: FLOAT, shape: [1, classes] } as const;
  return { onnx: graph.encode(name, input, output), classes };
}

/** The network's tensors, and what is done to a picture before: as `keras.applications` does, normalisation being part of the graph. */
export function describeMobileNet(side: number): Pick<ModelFacts, 'input' | 'preprocessing' | 'output'> {
  return {
    input: { name: 'image', layout: 'NHWC', type: 'uint8', height: side, width: side },
    preprocessing: {
      resize: { height: side, width: side, filter: 'bicubic' },
      normalize: [],
      channels: 'RGB',
    },
    output: { name: 'probabilities', values: 'probabilities', activation: 'softmax' },
  };
}

function addNormalisation(graph: OnnxGraph, image: string): string {
  const planes = graph.node('Transpose', 'planes', [image], { perm: [0, 3, 1, 2] });
  const floats = graph.node('Cast', 'floats', [planes], { to: FLOAT });
  return graph.node('Sub', 'centred', [
    floats,
    graph.constant('half_range', [], Float32Array.of(HALF_RANGE)),
  ]);
}

function addBlock(graph: OnnxGraph, read: WeightReader, block: Block, input: string): string {
  let features = input;
  for (const conv of block.convolutions) features = addConvolution(graph, read, conv, features);
  return block.residual ? graph.node('Add', `${features}_add`, [input, features]) : features;
}

function addConvolution(graph: OnnxGraph, read: WeightReader, conv: Convolution, input: string): string {
  const { shape, weights, bias } = foldBatchNorm(read, conv, conv.name === 'Conv1' ? 1 / HALF_RANGE : 1);
  const [channels, , height, width] = shape;
  const parameters = [
    graph.constant(`${conv.name}_weights`, shape, weights),
    graph.constant(`${conv.name}_bias`, [channels], bias),
  ];
  const output = graph.node('Conv', conv.name, [input, ...parameters], {
    kernel_shape: [height, width],
    strides: [conv.stride, conv.stride],
    pads: padding(height, conv.stride),
    group: conv.depthwise ? channels : 1,
  });
  return conv.relu6 ? graph.node('Clip', `${conv.name}_relu6`, [output, 'zero', 'six']) : output;
}

/** Keras pads a stride of 2 at the bottom and right alone (`correct_pad`), a stride of 1 on all sides. */
function padding(size: number, stride: 1 | 2): readonly number[] {
  if (size === 1) return [0, 0, 0, 0];
  return stride === 2 ? [0, 0, 1, 1] : [1, 1, 1, 1];
}

function addClassifier(graph: OnnxGraph, read: WeightReader, features: string) {
  const kernel = read(CLASSIFIER, 'kernel');
  const bias = read(CLASSIFIER, 'bias');
  const [inputs = 0, classes = 0] = kernel.shape;
  if (
    kernel.shape.length !== 2 ||
    bias.values.length !== classes ||
    inputs * classes !== kernel.values.length
  ) {
    throw new WeightsError(`${CLASSIFIER} has the shape ${kernel.shape} and ${bias.values.length} biases.`);
  }
  const pooled = graph.node('GlobalAveragePool', 'pooled', [features]);
  const flat = graph.node('Flatten', 'features', [pooled]);
  const matrix = graph.constant('classifier_weights', [inputs, classes], kernel.values);
  const logits = graph.node('Gemm', 'logits', [
    flat,
    matrix,
    graph.constant('classifier_bias', [classes], bias.values),
  ]);
  return { probabilities: graph.node('Softmax', 'probabilities', [logits], { axis: 1 }), classes };
}
