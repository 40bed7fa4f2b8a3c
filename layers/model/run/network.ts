import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Answers with a probability for each class, float32, for packed RGB samples of the network's input size. */
export interface Network {
  run(samples: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface NetworkOptions {
  /** How many threads the network may take for the next run; asked before each. Without it, one. */
  readonly threads?: (() => 1 | 2) | undefined;
}

/**
 * Opens the network. A session has a fixed number of threads: one is opened for each number when it is first asked for.
 * @param path of `network.onnx`.
 * @param side of its input, in pixels.
 */
export async function openNetwork(
  path: string,
  side: number,
  { threads: wanted }: NetworkOptions = {},
): Promise<Network> {
  const threads = wanted ?? (() => 1);
  const sessions = new Map<number, Promise<InferenceSession>>();
  const sessionOf = (count: number): Promise<InferenceSession> => {
    const session = sessions.get(count) ?? InferenceSession.create(path, sessionOptions(count));
    sessions.set(count, session);
    return session;
  };
  await sessionOf(threads());
  // The other one, if there may be another, is opened when the first images are through, and before it is wanted.
  if (wanted !== undefined)
    setTimeout(() => sessionOf(threads() === 1 ? 2 : 1).catch(() => {}), warmUpMilliseconds).unref();
  return {
    async run(samples) {
      const session = await sessionOf(threads());
      const { probabilities } = await session.run({
        image: new Tensor('uint8', samples, [1, side, side, 3]),
      });
      if (!(probabilities?.data instanceof Float32Array))
        throw new Error('The network has no float32 output "probabilities".');
      return probabilities.data;
    },
    async close() {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}

const warmUpMilliseconds = 300;

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    // The second thread waits busily between operators: without, a run takes 3.5 ms instead of 2.5. By default it goes on so for
    // 30 ms after a run; 200 µs are as fast and leave the core to others.
    extra: { session: { intra_op: { spin_duration_us: '200' } } },
  };
}
