import { once } from 'node:events';
import type { Server } from 'node:http';
import { deadLetterHandler } from '../functions/dead-letter/handler.ts';
import { readModelDescription } from '../functions/shared/model-description.ts';
import { siteHandler } from '../functions/site/handler.ts';
import { statusHandler } from '../functions/status/handler.ts';
import { uploadHandler } from '../functions/upload/handler.ts';
import { toContext } from './http/event.ts';
import { createGateway, type GatewayParts, storagePath } from './http/gateway.ts';
import { ownAddress } from './http/own-address.ts';
import type { LocalSettings } from './settings.ts';
import { openStores, type Stores } from './store/stores.ts';
import { consoleTelemetry } from './telemetry.ts';
import { runEventSource } from './workers/event-source.ts';
import { WorkerPool } from './workers/pool.ts';

export interface LocalServer {
  /** Where the service answers, with a slash at its end. */
  readonly url: string;
  /** Finishes what is under way, and ends. */
  close(): Promise<void>;
}

/** Composes the functions with the local adapters, and starts all of it; resolves when an image can be classified. */
export async function startServer(settings: LocalSettings, modelDir: string): Promise<LocalServer> {
  const closing = new AbortController();
  const parts = Promise.withResolvers<GatewayParts>();
  const gateway = createGateway(parts.promise);
  // The port first: a second server started by mistake must fail before it touches the data.
  const url = await listen(gateway, settings);
  try {
    const storage = new URL(storagePath.slice(1), settings.publicUrl ?? url).href;
    const stores = await openStores(settings, () => (settings.publicUrl ? storage : ownAddress(storage)));
    const pool = createPool(stores, settings, modelDir);
    const working = pool.start();
    parts.resolve(await composeFunctions(stores, settings, modelDir, closing.signal));
    const givingUp = giveUpOnDeadLetters(stores, closing.signal);
    await working;
    return { url, close: () => close({ gateway, closing, pool, givingUp, stores }) };
  } catch (error) {
    gateway.close();
    throw error;
  }
}

function createPool(
  { jobs, queue, imageDir }: Stores,
  settings: LocalSettings,
  modelDir: string,
): WorkerPool {
  const environment = { WORKER_OPTIONS: JSON.stringify({ modelDir, imageDir, settings }) };
  const { workers: size, workerTimeoutSeconds: timeoutSeconds } = settings;
  return new WorkerPool({ jobs, queue, environment, size, timeoutSeconds });
}

async function composeFunctions(
  stores: Stores,
  settings: LocalSettings,
  modelDir: string,
  closing: AbortSignal,
): Promise<GatewayParts> {
  const telemetry = consoleTelemetry();
  const common = { ...stores, telemetry, settings };
  const model = await readModelDescription(modelDir);
  return {
    handlers: {
      upload: uploadHandler(common),
      status: statusHandler(common),
      site: siteHandler({
        model,
        page,
        uploadOrigins: settings.publicUrl ? [new URL(settings.publicUrl).origin] : [],
        telemetry,
        settings,
      }),
    },
    status: common,
    storage: stores,
    basePath: settings.basePath,
    closing,
  };
}

function giveUpOnDeadLetters(stores: Stores, signal: AbortSignal): Promise<void> {
  const handler = deadLetterHandler({ ...stores, telemetry: consoleTelemetry() });
  return runEventSource(stores.deadLetters, (event) => handler(event, toContext()), {
    batchSize: 10,
    concurrency: 1,
    signal,
  });
}

async function listen(gateway: Server, { host, port, basePath }: LocalSettings): Promise<string> {
  gateway.listen(port, host);
  await once(gateway, 'listening');
  const address = gateway.address();
  if (address === null || typeof address === 'string') throw new Error(`Not listening on ${host}.`);
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name === '0.0.0.0' ? '127.0.0.1' : name}:${address.port}${basePath}/`;
}

/** Bundled when it is first asked for, so that a start does not wait for it. */
async function page() {
  const { buildPage } = await import('../web/build.ts');
  return buildPage();
}

interface Running {
  readonly gateway: Server;
  readonly closing: AbortController;
  readonly pool: WorkerPool;
  readonly givingUp: Promise<void>;
  readonly stores: Stores;
}

/** Requests are answered first, and the workers go on until they are; then what the workers have in hand. */
async function close({ gateway, closing, pool, givingUp, stores }: Running): Promise<void> {
  const closed = once(gateway, 'close');
  gateway.close();
  closing.abort();
  const idle = setInterval(() => gateway.closeIdleConnections(), 50);
  await closed;
  clearInterval(idle);
  await pool.stop();
  await givingUp;
  await stores.close();
}
