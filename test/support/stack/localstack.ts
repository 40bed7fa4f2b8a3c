/**
 * `npm run test:localstack`: the contract suites of S3 and SQS on LocalStack 4.14 without Docker, with signatures checked. It needs Python
 * 3.13 (`STACK_PYTHON`); `LOCALSTACK_VENV` names a virtual environment that has LocalStack already.
 */
import { join } from 'node:path';
import { emulatorEnvironment } from '../../../infra/emulator/emulator.ts';
import { freePort } from '../../../infra/emulator/free-port.ts';
import { startServer } from '../../../infra/emulator/process.ts';
import { installPythonTool } from '../../../infra/emulator/python.ts';
import { exitWithMessage, runSuite } from './suite.ts';

const cache = join(import.meta.dirname, '../../../.cache');

async function main(): Promise<void> {
  const folder = process.env.LOCALSTACK_VENV || (await install());
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const { AWS_ENDPOINT_URL: _, AWS_ENDPOINT_URL_S3: __, ...environment } = process.env;
  const started = performance.now();
  const stop = await startServer({
    command: join(folder, 'bin/python'),
    parts: ['-m', 'localstack.runtime.main'],
    environment: {
      ...environment,
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      // The other server listens on every address, whatever it is told.
      GATEWAY_SERVER: 'hypercorn',
      SERVICES: 's3,sqs,sts',
      DNS_ADDRESS: '0',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      S3_SKIP_SIGNATURE_VALIDATION: '0',
    },
    log: join(cache, `localstack-${port}.log`),
    ready: `${endpoint}/_localstack/health`,
    seconds: 60,
  });
  try {
    console.log(`LocalStack is ready after ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    await runSuite(['--project', 'contract', 's3-image-store', 'sqs-job-queue', ...process.argv.slice(2)], {
      ...emulatorEnvironment(endpoint),
      CONTRACT_ENDPOINT: endpoint,
      CONTRACT_EMULATOR: 'localstack',
    });
  } finally {
    await stop();
  }
}

async function install(): Promise<string> {
  const folder = join(cache, 'localstack');
  const python = process.env.STACK_PYTHON || 'python3.13';
  const requirements = join(import.meta.dirname, 'localstack-requirements.txt');
  await installPythonTool({ name: 'LocalStack', folder, python, requirements });
  return folder;
}

await main().catch(exitWithMessage);
