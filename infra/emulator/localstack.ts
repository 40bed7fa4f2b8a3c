import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Emulator, type RunningEmulator, requireFree, untilAnswering } from './emulator.ts';

const root = join(import.meta.dirname, '../..');

/** Upload forms carry the port that functions know, so clients must find the same one. */
const port = 4566;

/** `compose.yaml` mounts the model into the functions' containers at the place where Lambda unpacks a layer. */
export function localStackAt(endpoint: string): Emulator {
  return {
    name: 'LocalStack',
    endpoint,
    stageUrl: (restApiId, stage) => `${endpoint}/_aws/execute-api/${restApiId}/${stage}/`,
    settings: { modelDir: '/opt/model', uploadOrigin: `http://localhost.localstack.cloud:${port}` },
  };
}

/** Starts LocalStack by Docker Compose. It runs functions in containers of their own. */
export async function startLocalStack(): Promise<RunningEmulator> {
  await requireFree(port);
  const compose = (...parts: string[]) =>
    promisify(execFile)('docker', ['compose', '--file', join(root, 'compose.yaml'), ...parts], {
      env: { ...process.env, MODEL_FOLDER: join(root, 'dist/layer/model') },
    });
  await compose('up', '--detach');
  const endpoint = `http://127.0.0.1:${port}`;
  await untilAnswering(`${endpoint}/_localstack/health`, 120);
  return { ...localStackAt(endpoint), stop: async () => void (await compose('down', '--volumes')) };
}
