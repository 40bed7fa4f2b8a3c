import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findAssets } from '../../../infra/assets.ts';
import { RuntimeApi } from './runtime-api.ts';

const root = resolve(import.meta.dirname, '../../..');
/** Where `npm run build` put the functions, which must be for this machine's architecture. */
export const distDir = findAssets(
  resolve(root, process.env.DIST_DIR ?? 'dist'),
  process.arch === 'arm64' ? 'arm64' : 'x86-64',
).dir;

/** A function started as Lambda's image for Node starts it, and the runtime API it asks for events. */
export interface FunctionProcess {
  readonly api: RuntimeApi;
  readonly pid: number;
  /** Everything it has written, as lines. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts `dist/{name}` with the runtime interface client that AWS' base image has too, which is what its entry point comes down to.
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 * @param handler as `CMD` in the Dockerfile names it.
 */
export async function startFunction(
  name: string,
  handler: string,
  environment: Readonly<Record<string, string>>,
  dist = distDir,
): Promise<FunctionProcess> {
  const client = join(runtimeClientDir(), 'node_modules/aws-lambda-ric/index.mjs');
  const taskRoot = join(dist, name);
  const temporary = await mkdtemp(join(tmpdir(), 'function-'));
  const api = new RuntimeApi();
  const child = spawn(process.execPath, [client, handler], {
    cwd: taskRoot,
    env: {
      PATH: process.env.PATH,
      TMPDIR: temporary,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      ...lambdaEnvironment(name, handler, taskRoot, await api.listen()),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)));
  }
  const stop = async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    api.close();
    await rm(temporary, { recursive: true });
  };
  return { api, pid: child.pid ?? 0, lines, stop };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function lambdaEnvironment(name: string, handler: string, taskRoot: string, runtimeApi: string) {
  return {
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'test',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    // No daemon takes traces here.
    POWERTOOLS_TRACE_ENABLED: 'false',
  };
}

function runtimeClientDir(): string {
  const dir = process.env.RIC_DIR;
  if (dir && existsSync(join(dir, 'node_modules/aws-lambda-ric/rapid-client.node'))) return dir;
  throw new Error(
    'Name a folder with the runtime interface client in RIC_DIR; "npm install --prefix DIR aws-lambda-ric@4.0.2" makes one.',
  );
}
