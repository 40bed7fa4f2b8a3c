import type { TestProject } from 'vitest/node';
import { kill, startServerProcess, temporaryFolder } from '../local/server-process.ts';
import { modelEnvironment } from '../model/environment.ts';

const jsonEventsPreload = new URL('../local/json-events.ts', import.meta.url).pathname;
const jsonEventsNotice = 'Events are handed to the functions as JSON.';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the service under test answers, with a slash at its end. */
    baseUrl: string;
    basePath: string;
    /** Whether the local server hands events to the functions as JSON, with bodies in base64, as AWS does. */
    jsonEvents: boolean;
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
  const { basePath = '', jsonEvents = false } = project.config.provide;
  const server = await startServerProcess({
    ...(await modelEnvironment()),
    DATA_DIR: folder.path,
    BASE_PATH: basePath,
    // As in AWS, where pages of any origin may call.
    ALLOWED_ORIGINS: '*',
    ...(jsonEvents && { NODE_OPTIONS: `--import=${jsonEventsPreload}` }),
  });
  if (server.output().includes(jsonEventsNotice) !== jsonEvents)
    throw new Error(`The server does not hand events over as the project wants them:\n${server.output()}`);
  project.provide('baseUrl', server.url);
  return async () => {
    await kill(server);
    await folder[Symbol.asyncDispose]();
  };
}
