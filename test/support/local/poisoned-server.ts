import { fileURLToPath } from 'node:url';
import { modelEnvironment } from '../model/environment.ts';
import {
  kill,
  type ServerEnvironment,
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from './server-process.ts';

const poison = fileURLToPath(new URL('./poison.ts', import.meta.url));

export interface LocalService extends ServerProcess, AsyncDisposable {
  readonly dataDir: string;
}

/** A server of one test's own, whose workers fall over poisoned images. */
export async function startLocalService(environment: ServerEnvironment = {}): Promise<LocalService> {
  const folder = await temporaryFolder();
  const server = await startServerProcess({
    ...(await modelEnvironment()),
    DATA_DIR: folder.path,
    NODE_OPTIONS: `--import=${poison}`,
    ...environment,
  });
  return {
    ...server,
    dataDir: folder.path,
    async [Symbol.asyncDispose]() {
      await kill(server);
      await folder[Symbol.asyncDispose]();
    },
  };
}
