import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Emulator, untilAnswering } from './emulator.ts';

const root = join(import.meta.dirname, '../..');

/**
 * Starts LocalStack by Docker Compose. It runs functions in containers of their own, into which `compose.yaml` mounts the model at
 * the place where Lambda unpacks a layer.
 */
export async function startLocalStack(port: number): Promise<Emulator> {
  const compose = (...parts: string[]) =>
    promisify(execFile)('docker', ['compose', '--file', join(root, 'compose.yaml'), ...parts], {
      env: { ...process.env, LOCALSTACK_PORT: String(port), MODEL_FOLDER: join(root, 'dist/layer/model') },
    });
  await compose('up', '--detach');
  const endpoint = `http://127.0.0.1:${port}`;
  await untilAnswering(`${endpoint}/_localstack/health`, 120);
  return {
    name: 'LocalStack',
    endpoint,
    stageUrl: (restApiId, stage) => `${endpoint}/_aws/execute-api/${restApiId}/${stage}/`,
    settings: { modelDir: '/opt/model', uploadOrigin: endpoint },
    stop: async () => void (await compose('down', '--volumes')),
  };
}
