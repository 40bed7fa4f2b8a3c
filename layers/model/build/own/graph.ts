import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { ModelInput } from '../../description.ts';
import { ModelError } from '../errors.ts';
import { loadModelProto } from '../onnx.ts';

/** A dimension is a number of elements, or `undefined` where the graph leaves it open. */
export type Shape = readonly (number | undefined)[];

/** A named tensor that goes into a graph or comes out of it. Without a shape, nothing is known of it. */
export interface Tensor {
  readonly name: string;
  /** As in `TensorProto.DataType`. */
  readonly elementType: number;
  readonly shape: Shape | undefined;
}

/** What can be told of an ONNX model without running it. */
export interface OnnxModel {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Files beside it that hold its weights. */
  readonly externalFiles: readonly string[];
  /** The operator that makes an output, past those that only reshape or convert it. */
  operatorOf(output: string): string | undefined;
}

/** A number, or what protobufjs has for one of 64 bits. */
const int64 = z.coerce.number();
const valueSchema = z.object({
  name: z.string(),
  type: z
    .object({
      tensorType: z
        .object({
          elemType: z.number(),
          shape: z.object({ dim: z.array(z.object({ dimValue: int64 })) }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
const nodeSchema = z.object({
  opType: z.string().default(''),
  input: z.array(z.string()).default([]),
  output: z.array(z.string()).default([]),
});
const tensorSchema = z.object({
  name: z.string().default(''),
  dataLocation: z.number().default(0),
  externalData: z.array(z.object({ key: z.string().default(''), value: z.string().default('') })).default([]),
});
const modelSchema = z.object({
  irVersion: int64,
  graph: z.object({
    node: z.array(nodeSchema).min(1),
    initializer: z.array(tensorSchema).default([]),
    input: z.array(valueSchema).min(1),
    output: z.array(valueSchema).min(1),
  }),
});
type Graph = z.infer<typeof modelSchema>['graph'];

/** Reads an `.onnx` file. @throws {ModelError} where it is none, or incomplete. */
export async function readOnnx(path: string): Promise<OnnxModel> {
  const { graph } = parse(path, await readFile(path));
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const producers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  return {
    inputs: graph.input.filter(({ name }) => !constants.has(name)).map(toTensor),
    outputs: graph.output.map(toTensor),
    externalFiles: externalFilesOf(graph),
    operatorOf(output) {
      let node = producers.get(output);
      while (node !== undefined && passing.has(node.opType)) node = producers.get(node.input[0] ?? '');
      if (node?.opType === 'Div' && isSoftmax(node, producers)) return 'Softmax';
      return node?.opType;
    },
  };
}

/** Operators that change no value. */
const passing = new Set(['Identity', 'Cast', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Whether a division is the last step of a softmax that is written out: powers by their sum. */
function isSoftmax(
  { input }: Graph['node'][number],
  producers: ReadonlyMap<string, Graph['node'][number]>,
): boolean {
  const [power = '', sum = ''] = input;
  const reducer = producers.get(sum);
  return (
    producers.get(power)?.opType === 'Exp' && reducer?.opType === 'ReduceSum' && reducer.input[0] === power
  );
}

function parse(path: string, bytes: Uint8Array): z.infer<typeof modelSchema> {
  let decoded: unknown;
  try {
    decoded = loadModelProto().decode(bytes);
  } catch (cause) {
    throw new ModelError(`${path} is not an ONNX file, or is incomplete: export it or fetch it again.`, {
      cause,
    });
  }
  const result = modelSchema.safeParse(decoded);
  if (result.success) return result.data;
  throw new ModelError(
    `${path} is not an ONNX file: export the model to ONNX, with a graph that has inputs and outputs.`,
    {
      cause: result.error,
    },
  );
}

function toTensor({ name, type }: z.infer<typeof valueSchema>): Tensor {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  // A dimension that is open, or only has a name, counts 0.
  const dimensions = shape?.dim.map(({ dimValue }) => (dimValue > 0 ? dimValue : undefined));
  return { name, elementType: elemType, shape: dimensions };
}

const EXTERNAL = 1;

function externalFilesOf({ initializer }: Graph): string[] {
  const files = initializer
    .filter(({ dataLocation }) => dataLocation === EXTERNAL)
    .map(({ externalData }) => externalData.find(({ key }) => key === 'location')?.value ?? '');
  return [...new Set(files)];
}

/** The element types of inputs that can be filled, by `TensorProto.DataType`. */
export const elementTypes: Readonly<Record<number, ModelInput['type']>> = {
  1: 'float32',
  2: 'uint8',
  10: 'float16',
};

/** A shape in words, such as `1 × 3 × ? × ?`. */
export function shapeText(shape: Shape | undefined): string {
  return shape === undefined
    ? 'unknown shape'
    : shape.map((size) => size ?? '?').join(' × ') || 'no dimensions';
}
