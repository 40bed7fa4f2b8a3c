import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

/** Element types of `TensorProto.DataType`. */
export const FLOAT = 1;
export const UINT8 = 2;

const AttributeType = { INT: 2, INTS: 7 } as const;

/** An attribute is an integer or a list of integers: the network needs no others. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** A named tensor of the graph's inputs and outputs. */
export interface TensorInfo {
  readonly name: string;
  /** As in `TensorProto.DataType`. */
  readonly elementType: number;
  readonly shape: readonly number[];
}

/** Collects nodes and constants in order and encodes them as one ONNX model (opset 17, IR 8). */
export class OnnxGraph {
  readonly #nodes: object[] = [];
  readonly #initializers: object[] = [];

  /** Adds a node with one output; answers with that output's name, which is the node's own. */
  node(operator: string, name: string, inputs: readonly string[], attributes: Attributes = {}): string {
    this.#nodes.push({
      name,
      opType: operator,
      input: inputs,
      output: [name],
      attribute: Object.entries(attributes).map(([key, value]) => encodeAttribute(key, value)),
    });
    return name;
  }

  /** Adds a float32 constant; answers with its name. */
  constant(name: string, shape: readonly number[], values: Float32Array): string {
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#initializers.push({ name, dims: shape, dataType: FLOAT, rawData });
    return name;
  }

  /** The model as bytes of an `.onnx` file. */
  encode(name: string, input: TensorInfo, output: TensorInfo): Uint8Array {
    const graph = {
      name,
      node: this.#nodes,
      initializer: this.#initializers,
      input: [encodeTensorInfo(input)],
      output: [encodeTensorInfo(output)],
    };
    const model = { irVersion: 8, producerName: name, opsetImport: [{ domain: '', version: 17 }], graph };
    const type = loadModelProto();
    const problem = type.verify(model);
    if (problem) throw new Error(`The network is not a valid ONNX model: ${problem}.`);
    return type.encode(model).finish();
  }
}

/** The type of a whole `.onnx` file. */
export function loadModelProto(): protobuf.Type {
  const text = readFileSync(join(import.meta.dirname, 'onnx.proto'), 'utf8');
  return protobuf.parse(text).root.lookupType('onnx.ModelProto');
}

function encodeAttribute(name: string, value: number | readonly number[]): object {
  if (typeof value === 'number') return { name, i: value, type: AttributeType.INT };
  return { name, ints: value, type: AttributeType.INTS };
}

function encodeTensorInfo({ name, elementType, shape }: TensorInfo): object {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: elementType, shape: { dim } } } };
}
