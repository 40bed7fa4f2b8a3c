import type { ModelInput, ModelOutput } from '../../description.ts';
import type { Size } from '../../run/size.ts';
import { ModelError } from '../errors.ts';
import { elementTypes, type OnnxModel, type Shape, shapeText, type Tensor } from './graph.ts';
import type { OutputKind } from './kinds.ts';

/** An input whose size the graph may leave open. */
export type OpenInput = Omit<ModelInput, 'height' | 'width'> & Partial<Size>;

/**
 * The tensor that takes a picture.
 * @throws {ModelError} where there are several, or it is not of one picture in three channels.
 */
export function readInput(path: string, { inputs }: OnnxModel): OpenInput {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0) {
    const names = inputs.map(({ name }) => name).join(', ') || 'none';
    throw new ModelError(
      `${path} takes ${inputs.length} inputs (${names}), and an image classifier takes one, the picture.`,
    );
  }
  const type = elementTypes[input.elementType];
  if (type === undefined) {
    throw new ModelError(
      `${path} takes numbers of ONNX type ${input.elementType}: export it to take uint8, float32 or float16.`,
    );
  }
  const [batch, ...dimensions] = requireRank(path, input);
  if (batch !== undefined && batch !== 1) {
    throw new ModelError(
      `${path} takes ${batch} pictures at once: export it with a batch size of 1, or one that is open.`,
    );
  }
  return { name: input.name, type, ...readLayout(path, input, dimensions) };
}

function requireRank(path: string, { name, shape }: Tensor): Shape {
  if (shape?.length === 4) return shape;
  throw new ModelError(
    `${path} takes ${name} of ${shapeText(shape)}, and a picture has four dimensions: 1 × 3 × height × width or 1 × height × width × 3.`,
  );
}

/** Channels stand where the three are; where the graph says none, first, as `transformers` has them. */
function readLayout(
  path: string,
  { name, shape }: Tensor,
  [a, b, c]: Shape,
): Pick<OpenInput, 'layout' | 'height' | 'width'> {
  const isFirst = a === 3 || (a === undefined && c !== 3);
  if (isFirst && a === 3 && c === 3) {
    throw new ModelError(
      `${path} takes ${name} of ${shapeText(shape)}: export it with a width other than 3, which could be the channels.`,
    );
  }
  if (!isFirst && c !== 3) {
    throw new ModelError(
      `${path} takes ${name} of ${shapeText(shape)}, and a picture in RGB has three channels.`,
    );
  }
  const [height, width] = isFirst ? [b, c] : [a, b];
  return { layout: isFirst ? 'NCHW' : 'NHWC', ...(height && { height }), ...(width && { width }) };
}

/**
 * The tensor that has a number for each class.
 * @throws {ModelError} where there is none, as of a network that finds objects.
 */
export function readOutput(
  path: string,
  model: OnnxModel,
  problem: string | null | undefined,
  said: OutputKind | undefined,
): ModelOutput {
  const output = pickOutput(path, model);
  const last = model.operatorOf(output.name);
  if (problem === 'regression') {
    throw new ModelError(
      `${path} has problem_type "regression" in its config.json, and only classifiers have labels.`,
    );
  }
  const activation = problem === 'multi_label_classification' ? 'sigmoid' : 'softmax';
  if (said === 'probabilities') return { name: output.name, values: 'probabilities', activation };
  if (said !== undefined) return { name: output.name, values: 'logits', activation: said };
  if (last === 'Softmax') return { name: output.name, values: 'probabilities', activation: 'softmax' };
  if (last === 'Sigmoid') return { name: output.name, values: 'probabilities', activation: 'sigmoid' };
  return { name: output.name, values: 'logits', activation };
}

function pickOutput(path: string, { outputs }: OnnxModel): Tensor {
  const candidates = outputs.filter(
    ({ shape }) => shape === undefined || (shape.length === 2 && (shape[0] ?? 1) === 1),
  );
  const [only] = candidates;
  const named = candidates.find(({ name }) => name === 'logits' || name === 'probabilities');
  const found = named ?? (outputs.length === 1 ? only : undefined);
  if (found !== undefined) return found;
  const list = outputs.map(({ name, shape }) => `${name} of ${shapeText(shape)}`).join(', ');
  throw new ModelError(
    `${path} gives ${list}, and an image classifier gives one number for each class, 1 × classes.`,
  );
}
