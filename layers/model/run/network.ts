import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelFacts, ModelOutput } from '../description.ts';
import type { TensorData } from './tensor.ts';

// ONNX Runtime for Linux reports each model that is loaded to its makers, unless this is set before the first one.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** Answers with what the network gives for each class, float32, for an input of the described type, layout and size. */
export interface Network {
  run(input: TensorData): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface NetworkOptions {
  /** How many threads the network may take for the next run; asked before each. Without it, one. */
  readonly threads?: (() => 1 | 2) | undefined;
}

/** The network's tensors and its needs, as a model's description names them. */
export type NetworkFacts = Pick<ModelFacts, 'input' | 'output' | 'needs'>;

/**
 * Opens the network. A session has a fixed number of threads: one is opened for each number when it is first asked for.
 * @param path of `network.onnx`.
 */
export async function openNetwork(
  path: string,
  { input, output, needs }: NetworkFacts,
  { threads: wanted }: NetworkOptions = {},
): Promise<Network> {
  const threads = wanted ?? (() => 1);
  const { height, width, layout } = input;
  const shape = layout === 'NHWC' ? [1, height, width, 3] : [1, 3, height, width];
  const sessions = new Map<number, Promise<InferenceSession>>();
  const sessionOf = (count: number): Promise<InferenceSession> => {
    const session = sessions.get(count) ?? InferenceSession.create(path, sessionOptions(count));
    sessions.set(count, session);
    return session;
  };
  await sessionOf(threads());
  // The other one, if there may be another, is opened when the first images are through, and before it is wanted. It takes a network's
  // memory again: a large one's is opened when it is wanted.
  if (wanted !== undefined && (needs?.memoryMb ?? 0) < mostWarmMb)
    setTimeout(() => sessionOf(threads() === 1 ? 2 : 1).catch(() => {}), warmUpMilliseconds).unref();
  return {
    async run(data) {
      const session = await sessionOf(threads());
      const results = await session.run({ [input.name]: toTensor(data, shape) }, [output.name]);
      return toScores(output, toFloats(results[output.name]));
    },
    async close() {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}

/** Halves are handed over as their bits: the native part does not know a Float16Array, which a tensor of that type would make of them. */
function toTensor(data: TensorData, shape: readonly number[]): Tensor {
  if (data instanceof Uint8Array) return new Tensor('uint8', data, shape);
  if (data instanceof Float32Array) return new Tensor('float32', data, shape);
  const bits = new Uint16Array(data.buffer, data.byteOffset, data.length);
  return Object.defineProperty(new Tensor('uint16', bits, shape), 'type', { value: 'float16' });
}

function toFloats(tensor: Tensor | undefined): Float32Array {
  const [pictures, ...others] = tensor?.dims ?? [];
  if (pictures !== 1 || others.length !== 1)
    throw new Error(
      `The network gave numbers of ${tensor?.dims.join(' × ')}, and a classifier gives 1 × classes.`,
    );
  const data: unknown = tensor?.data;
  if (data instanceof Float32Array) return data;
  if (data instanceof Float16Array || data instanceof Float64Array) return Float32Array.from(data);
  throw new Error('The network gave no numbers.');
}

/** Scores of logits, in float64 until they are rounded at last. */
function toScores({ values, activation }: ModelOutput, given: Float32Array): Float32Array {
  if (values === 'probabilities') return given;
  if (activation === 'sigmoid') return given.map((logit) => 1 / (1 + Math.exp(-logit)));
  const largest = given.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(given, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return Float32Array.from(powers, (power) => power / sum);
}

const warmUpMilliseconds = 300;
/** Of a process that opened the network once. */
const mostWarmMb = 400;

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    // Errors only: what a graph could leave out is for those who exported it.
    logSeverityLevel: 3,
    // The second thread waits busily between operators: without, a run takes 3.5 ms instead of 2.5. By default it goes on so for
    // 30 ms after a run; 200 µs are as fast and leave the core to others.
    extra: { session: { intra_op: { spin_duration_us: '200' } } },
  };
}
