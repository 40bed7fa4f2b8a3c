import { join } from 'node:path';
import type { BenchSettings } from './settings.ts';
import { cacheDir, inRepository } from './settings.ts';

export const contenderNames = ['ours', 'onnxruntime', 'onnxruntimeEight', 'transformers', 'keras'] as const;
export type ContenderName = (typeof contenderNames)[number];

/** How one server is started on a port of loopback. */
export interface Contender {
  readonly name: ContenderName;
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

type Variation = Readonly<Record<string, string>>;

/**
 * What `bench/search.ts` found best for peer 2 on two cores: for a lone connection two threads of the network in each process,
 * for eight of them one. No setting is best for both; bench/README.md has the table.
 */
const bestOnnxruntime: Readonly<Record<'onnxruntime' | 'onnxruntimeEight', Variation>> = {
  onnxruntime: { WORKERS: '2', INTRA_OP: '2', HANDLER: 'async' },
  onnxruntimeEight: { WORKERS: '2', INTRA_OP: '1', HANDLER: 'async' },
};

/** @param variation environment variables on top, for searches. */
export function contender(
  name: ContenderName,
  settings: BenchSettings,
  variation: Variation = {},
): Contender {
  const { modelDir, weights, labels } = settings;
  switch (name) {
    case 'ours':
      return {
        ...node('ours', 'label-on-upload', inRepository()),
        args: [
          '--disable-warning=ExperimentalWarning',
          '--max-semi-space-size=4',
          inRepository('local/main.ts'),
        ],
        environment: { MODEL_WEIGHTS: weights, MODEL_LABELS: labels, ...variation },
      };
    case 'onnxruntime':
    case 'onnxruntimeEight': {
      const model = { MODEL: join(modelDir, 'network.onnx'), LABELS: join(modelDir, 'labels.json') };
      const environment = { ...model, ...bestOnnxruntime[name], ...variation };
      return { ...python('onnxruntime', 'FastAPI + onnxruntime'), name, environment };
    }
    case 'transformers':
      return {
        ...node('transformers', 'transformers.js', inRepository('bench/peers/transformers')),
        args: ['server.mjs'],
        environment: { MODELS: join(cacheDir, 'models'), ...variation },
      };
    case 'keras': {
      const environment = { MODEL_WEIGHTS: weights, MODEL_LABELS: labels, ...variation };
      return { ...python(name, 'Flask + Keras'), environment };
    }
  }
}

function node(name: ContenderName, title: string, cwd: string) {
  return { name, title, command: process.execPath, cwd };
}

function python(name: ContenderName, title: string) {
  const command = join(cacheDir, 'venvs', name, 'bin/python');
  return { name, title, command, args: ['server.py'], cwd: inRepository('bench/peers', name) };
}
