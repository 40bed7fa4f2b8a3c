import { join } from 'node:path';
import { type BenchSettings, cacheDir, inRepository } from './settings.ts';

export const peers = ['ours', 'fastapi', 'litserve', 'transformers', 'keras', 'celery'] as const;
type Peer = (typeof peers)[number];

export interface Contender {
  readonly peer: Peer;
  readonly title: string;
  /** Environment variables on top, such as `WORKERS=2 INTRA_OP=1`. */
  readonly variation: string;
  /** Numbers of connections that it is measured at; none: it takes part in the queue alone. */
  readonly loads: readonly number[];
}

export const allLoads = [1, 2, 8, 32, 128] as const;

const contender = (peer: Peer, title: string, variation = '', loads: readonly number[] = allLoads) =>
  ({ peer, title, variation, loads }) satisfies Contender;

/** With the best settings that `--search` found: docs/performance-attempts.md has its tables. */
export const contenders = {
  ours: contender('ours', 'label-on-upload'),
  fastapiOne: contender('fastapi', 'FastAPI + ORT, 2 × 2', 'WORKERS=2 INTRA_OP=2 HANDLER=async', [1, 2]),
  fastapiEight: contender('fastapi', 'FastAPI + ORT, 2 × 1', 'WORKERS=2 HANDLER=async', [1, 8, 32, 128]),
  fastapiPool: contender('fastapi', 'FastAPI + ORT, threads', 'HANDLER=sync THREADS=2', [2, 8, 32, 128]),
  litserve: contender('litserve', 'LitServe + ORT', 'WORKERS=2 FAST_QUEUE=1'),
  transformers: contender('transformers', 'transformers.js', '', [1, 8]),
  keras: contender('keras', 'Flask + Keras', '', [1, 8]),
  celery: contender('celery', 'Celery + Redis, append-only file', 'WORKERS=2 APPENDONLY=yes', []),
  celerySnapshots: contender('celery', 'Celery + Redis, as installed', 'WORKERS=2 APPENDONLY=no', []),
};
export type ContenderName = keyof typeof contenders;

/** Settings to search through, on two cores. An empty one is as documented. */
const variations: Readonly<Record<Peer, readonly string[]>> = {
  ours: ['WORKERS=1', 'WORKERS=2', 'WORKERS=3'],
  fastapi: [
    ...['WORKERS=1 INTRA_OP=1 HANDLER=sync', 'WORKERS=1 INTRA_OP=1 HANDLER=async'],
    ...['WORKERS=1 INTRA_OP=2 HANDLER=sync', 'WORKERS=1 INTRA_OP=2 HANDLER=async'],
    ...['WORKERS=2 INTRA_OP=1 HANDLER=sync', 'WORKERS=2 INTRA_OP=1 HANDLER=async'],
    ...['WORKERS=2 INTRA_OP=2 HANDLER=sync', 'WORKERS=2 INTRA_OP=2 HANDLER=async'],
    ...['WORKERS=1 HANDLER=sync THREADS=2', 'WORKERS=2 HANDLER=sync THREADS=1'],
    ...['WORKERS=2 INTRA_OP=2 HANDLER=async SPINNING=0', 'WORKERS=3 HANDLER=async'],
  ],
  litserve: [
    ...['WORKERS=1', 'WORKERS=1 INTRA_OP=2', 'WORKERS=2', 'WORKERS=2 INTRA_OP=2', 'WORKERS=3'],
    ...['WORKERS=2 FAST_QUEUE=1', 'WORKERS=2 INTRA_OP=2 FAST_QUEUE=1'],
    ...['WORKERS=2 FAST_QUEUE=1 API_SERVERS=2', 'WORKERS=2 FAST_QUEUE=1 MAX_BATCH=4 BATCH_TIMEOUT=0.002'],
  ],
  transformers: ['', 'INTRA_OP=1', 'INTRA_OP=2'],
  keras: [''],
  celery: ['WORKERS=1', 'WORKERS=2', 'WORKERS=2 SERIALIZER=pickle', 'WORKERS=3'],
};

/** A peer with each of the settings to search through, under names that say them. */
export function variationsOf(peer: Peer): Record<string, Contender> {
  const loads = peer === 'celery' ? [] : allLoads;
  const named = variations[peer].map((given) => [
    given || 'as documented',
    contender(peer, given, given, loads),
  ]);
  return Object.fromEntries(named);
}

/** How a server is started on a port of loopback, and its environment. */
export interface Launch {
  readonly title: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

export const python = (venv: string) => join(cacheDir, 'venvs', venv, 'bin/python');
const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];

/** The folder that each is started in, and its command. */
const commands: Readonly<Record<Peer, readonly [folder: string, ...command: string[]]>> = {
  ours: ['.', process.execPath, ...nodeFlags, 'local/main.ts'],
  fastapi: ['bench/peers/onnxruntime', python('onnxruntime'), 'fastapi_server.py'],
  litserve: ['bench/peers/onnxruntime', python('onnxruntime'), 'litserve_server.py'],
  celery: ['bench/peers/onnxruntime', './celery.sh'],
  transformers: ['bench/peers/transformers', process.execPath, 'server.mjs'],
  keras: ['bench/peers/keras', python('keras'), 'server.py'],
};

export function launchOf({ peer, title, variation }: Contender, settings: BenchSettings): Launch {
  const [folder, ...command] = commands[peer];
  const varied = [...variation.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]);
  const environment = { ...environmentOf(settings), ...Object.fromEntries(varied) };
  return { title, command, cwd: inRepository(folder), environment };
}

/** Where the servers, and the export for transformers.js, find the network: Keras' own files, or ours. */
export function environmentOf({ modelDir, weights, labels }: BenchSettings): Launch['environment'] {
  return {
    ...{ MODEL_WEIGHTS: weights, MODEL_LABELS: labels },
    ...{ NETWORK: join(modelDir, 'network.onnx'), NETWORK_LABELS: join(modelDir, 'labels.json') },
    ...{ MODELS: join(cacheDir, 'models'), PYTHON: python('onnxruntime') },
  };
}
