import { delimiter, dirname, join } from 'node:path';
import { exists } from '../exists.ts';
import { type Emulator, type RunningEmulator, requireFree } from './emulator.ts';
import { startServer } from './process.ts';
import { installPythonTool } from './python.ts';

const root = join(import.meta.dirname, '../..');
const cache = join(root, '.cache');

/** MiniStack does not unpack layers to `/opt`: functions read the model from `dist/`. */
export function miniStackAt(endpoint: string): Emulator {
  return {
    name: 'MiniStack',
    endpoint,
    stageUrl: (restApiId, stage) => `${endpoint}/restapis/${restApiId}/${stage}/_user_request_/`,
    settings: { modelDir: join(root, 'dist/layer/model'), uploadOrigin: endpoint },
  };
}

/** Starts MiniStack on loopback. It runs functions as processes of the Node that runs this. */
export async function startMiniStack(port: number): Promise<RunningEmulator> {
  await requireFree(port);
  const endpoint = `http://127.0.0.1:${port}`;
  const { AWS_ENDPOINT_URL: _, AWS_ENDPOINT_URL_S3: __, ...environment } = process.env;
  const stop = await startServer({
    command: await findMiniStack(),
    environment: {
      ...environment,
      PATH: `${dirname(process.execPath)}${delimiter}${environment.PATH}`,
      LAMBDA_EXECUTOR: 'local',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
    },
    log: join(cache, `ministack-${port}.log`),
    ready: `${endpoint}/_ministack/health`,
    seconds: 30,
  });
  return { ...miniStackAt(endpoint), stop };
}

/** `MINISTACK`, the one on the path, or one of our own that is installed on first use (pip, 92 MB). */
async function findMiniStack(): Promise<string> {
  if (process.env.MINISTACK) return process.env.MINISTACK;
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    if (await exists(join(folder, 'ministack'))) return join(folder, 'ministack');
  }
  const folder = join(cache, 'ministack');
  await installPythonTool({
    name: 'MiniStack',
    folder,
    python: process.env.STACK_PYTHON || 'python3',
    requirements: join(import.meta.dirname, 'requirements.txt'),
  });
  return join(folder, 'bin/ministack');
}
