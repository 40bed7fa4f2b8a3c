import type { TestProject } from 'vitest/node';
import { kill, startServerProcess, temporaryFolder } from '../local/server-process.ts';
import { modelEnvironment } from '../model/environment.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the service under test answers, with a slash at its end. */
    baseUrl: string;
    basePath: string;
  }
}

/** Gives the end-to-end suite a service: the one at `BASE_URL`, or a local server of its own. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { BASE_URL } = process.env;
  if (BASE_URL) {
    project.provide('baseUrl', BASE_URL.endsWith('/') ? BASE_URL : `${BASE_URL}/`);
    return undefined;
  }
  const folder = await temporaryFolder();
  const environment = {
    ...(await modelEnvironment()),
    DATA_DIR: folder.path,
    BASE_PATH: project.config.provide.basePath ?? '',
    // As in AWS, where pages of any origin may call.
    ALLOWED_ORIGINS: '*',
  };
  const server = await startServerProcess(environment);
  project.provide('baseUrl', server.url);
  return async () => {
    await kill(server);
    await folder[Symbol.asyncDispose]();
  };
}
