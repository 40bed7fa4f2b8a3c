/**
 * MobileNetV2 (Sandler et al., https://arxiv.org/abs/1801.04381, table 2), under the layer names of the published Keras checkpoints. How
 * many channels a layer has is told by its weights.
 */

/** Sides of the square RGB pictures that Keras publishes weights for, in pixels. All are multiples of 32, which keeps the padding the same. */
export const inputSizes = [96, 128, 160, 192, 224] as const;

/** Widths that Keras publishes weights for: each layer has about so many times the channels of the paper's. */
export const alphas = [0.35, 0.5, 0.75, 1, 1.3, 1.4] as const;

/** The last block's channels where alpha is 1. */
export const LAST_BLOCK_CHANNELS = 320;

/** Keras' epsilon for every batch normalisation of this network. */
export const EPSILON = 1e-3;

/** One convolution with the batch normalisation behind it. */
export interface Convolution {
  readonly name: string;
  readonly batchNorm: string;
  readonly depthwise: boolean;
  readonly stride: 1 | 2;
  /** Linear bottlenecks have none. */
  readonly relu6: boolean;
}

/** An inverted residual block: its convolutions in order; `residual` adds the block's input to its output. */
export interface Block {
  readonly convolutions: readonly Convolution[];
  readonly residual: boolean;
}

/** Stride of each of the 17 blocks' depthwise convolution and output channels. */
const blockTable = [
  [1, 16],
  [2, 24],
  [1, 24],
  [2, 32],
  [1, 32],
  [1, 32],
  [2, 64],
  [1, 64],
  [1, 64],
  [1, 64],
  [1, 96],
  [1, 96],
  [1, 96],
  [2, 160],
  [1, 160],
  [1, 160],
  [1, 320],
] as const satisfies readonly (readonly [1 | 2, number])[];

const stem: Block = {
  convolutions: [{ name: 'Conv1', batchNorm: 'bn_Conv1', depthwise: false, stride: 2, relu6: true }],
  residual: false,
};

const head: Block = {
  convolutions: [{ name: 'Conv_1', batchNorm: 'Conv_1_bn', depthwise: false, stride: 1, relu6: true }],
  residual: false,
};

/** All convolutions of the network, in order. */
export const blocks: readonly Block[] = [
  stem,
  ...blockTable.map((_, index) => invertedResidual(index)),
  head,
];

/** The classifier: a matrix of features × classes and a bias. */
export const CLASSIFIER = 'Logits';

function invertedResidual(index: number): Block {
  const [stride, channels] = blockTable[index] ?? [1, 0];
  const part = (kind: 'expand' | 'depthwise' | 'project'): Convolution => ({
    name: `mobl${index}_conv_${index}_${kind}`,
    batchNorm: `bn${index}_conv_${index}_bn_${kind}`,
    depthwise: kind === 'depthwise',
    stride: kind === 'depthwise' ? stride : 1,
    relu6: kind !== 'project',
  });
  const tail = [part('depthwise'), part('project')];
  return {
    convolutions: index === 0 ? tail : [part('expand'), ...tail],
    residual: stride === 1 && blockTable[index - 1]?.[1] === channels,
  };
}
