import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { SQSEvent } from 'aws-lambda';
import { classifyHandler } from '../functions/classify/handler.ts';
import { deadLetterHandler } from '../functions/dead-letter/handler.ts';
import type { Ports, Telemetry } from '../functions/shared/ports.ts';
import { UsageError } from '../functions/shared/usage-error.ts';
import { siteHandler } from '../functions/site/handler.ts';
import { eventsHandler } from '../functions/status/events-handler.ts';
import { statusHandler } from '../functions/status/handler.ts';
import { uploadHandler } from '../functions/upload/handler.ts';
import { readServedModels, type ServedModels } from '../layers/model/folder.ts';
import { Admission } from './http/admission.ts';
import { toContext } from './http/event.ts';
import { createGateway, type GatewayParts, storagePath } from './http/gateway.ts';
import { Guard } from './http/guard.ts';
import { metricsPlace, serveMetrics } from './http/metrics-server.ts';
import type { Readiness } from './http/operations.ts';
import { ownAddress } from './http/own-address.ts';
import { log } from './log.ts';
import { Metrics } from './metrics.ts';
import type { LocalSettings } from './settings.ts';
import { openStores, type Stores } from './stores/stores.ts';
import { loggingTelemetry } from './telemetry.ts';
import { watchFolder } from './watch/watcher.ts';
import { workersFor } from './workers/count.ts';
import { runEventSource } from './workers/event-source.ts';
import { PoolClassifier } from './workers/immediate.ts';
import { WorkerPool } from './workers/pool.ts';

export interface LocalServer {
  /** Where the service answers, with a slash at its end. */
  readonly url: string;
  /** Finishes what is under way, and ends. */
  close(): Promise<void>;
}

/** Composes the functions with the local adapters, and starts all of it; resolves when an image can be classified. */
export async function startServer(settings: LocalSettings, modelDir: string): Promise<LocalServer> {
  await requireWatchedFolder(settings);
  const closing = new AbortController();
  const parts = Promise.withResolvers<GatewayParts>();
  const gateway = createGateway(parts.promise);
  // The port first: a second server started by mistake must fail before it touches the data.
  const url = await listen(gateway, settings);
  try {
    const storage = new URL(storagePath.slice(1), settings.publicUrl ?? url).href;
    const [stores, models] = await Promise.all([
      openStores(settings, () => (settings.publicUrl ? storage : ownAddress(storage))),
      readServedModels(modelDir),
    ]);
    const { workers: size = workersFor(models), workerTimeoutSeconds: timeoutSeconds, largeJpegs } = settings;
    const [{ name, sha256 }] = models;
    const pool = new WorkerPool({
      model: { name, sha256 },
      processorSeconds: settings.workerProcessorSeconds,
      ...{ modelDir, size, timeoutSeconds, largeJpegs },
    });
    const working = pool.start();
    const queued = countedAtIntervals(() => stores.queue.count(mostCounted));
    const backlog = () => queued() + immediate.underWay;
    const metrics = new Metrics({
      queued: backlog,
      oldestSeconds: () => stores.queue.oldestSeconds(),
      workers: () => pool.available,
    });
    const telemetry = metrics.counting(loggingTelemetry());
    const place = metricsPlace(settings.metrics);
    const metricsServer = typeof place === 'string' ? undefined : await serveMetrics(place, metrics);
    const operations = {
      metrics,
      hasPublicMetrics: place === 'public',
      readiness: readiness({ stores, pool, backlog }),
      accessLog: settings.accessLog === 'on' ? log : undefined,
    };
    const admission = new Admission({
      most: settings.maxWaiting,
      capacity: pool.capacity,
      backlog,
    });
    const finished = () => admission.finished();
    const immediate = new PoolClassifier({ stores, pool, telemetry, finished });
    parts.resolve({
      ...composeFunctions({ ...stores, immediate }, settings, models, telemetry),
      ...{ operations, admission, closing: closing.signal },
    });
    const receiving = new AbortController();
    const receivers = [
      classifyImages(stores, pool, settings, { admission, telemetry, signal: receiving.signal }),
      giveUpOnDeadLetters(stores, receiving.signal),
    ];
    await working;
    receivers.push(...watchPictures(settings, pool, receiving.signal));
    return {
      url,
      close: () => close({ gateway, metricsServer, closing, receiving, receivers, pool, stores }),
    };
  } catch (error) {
    gateway.close();
    throw error;
  }
}

/** A backlog is not counted further than this. */
const mostCounted = 20_000;
const countMilliseconds = 100;

/** A count that is asked for more often than it is worth counting. */
function countedAtIntervals(count: () => number): () => number {
  let [counted, at] = [0, -countMilliseconds];
  return () => {
    const now = performance.now();
    if (now >= at + countMilliseconds) [counted, at] = [count(), now];
    return counted;
  };
}

interface Dependencies {
  readonly stores: Stores;
  readonly pool: WorkerPool;
  readonly backlog: () => number;
}

/** Images that may be queued before requests should go elsewhere: more than ten thousand take a minute or longer. */
const mostQueued = 10_000;

function readiness({ stores, pool, backlog }: Dependencies): Readiness {
  return {
    checks: {
      model: () => (pool.available > 0 ? undefined : 'No worker has the model loaded.'),
      storage: () => stores.problem(),
      queue: () => (backlog() <= mostQueued ? undefined : `More than ${mostQueued} images wait.`),
    },
  };
}

function composeFunctions(
  stores: Stores & Pick<Ports, 'immediate'>,
  settings: LocalSettings,
  models: ServedModels,
  telemetry: Telemetry,
): Omit<GatewayParts, 'admission' | 'closing' | 'operations'> {
  const common = { ...stores, telemetry, settings };
  return {
    handlers: {
      upload: uploadHandler({ ...common, models: models.map(({ calledBy }) => calledBy) }),
      status: statusHandler(common),
      events: eventsHandler(common, { streaming: true }),
      site: siteHandler(
        {
          ...{ models, page, docs },
          uploadOrigins: settings.publicUrl ? [new URL(settings.publicUrl).origin] : [],
        },
        common,
      ),
    },
    storage: stores,
    guard: new Guard(settings),
    settings,
  };
}

function classifyImages(
  stores: Stores,
  pool: WorkerPool,
  settings: LocalSettings,
  { admission, telemetry, signal }: { admission: Admission; telemetry: Telemetry; signal: AbortSignal },
): Promise<void> {
  const handler = classifyHandler({ ...stores, classifier: pool, telemetry, settings });
  const milliseconds = settings.workerTimeoutSeconds * 1000;
  const invoke = (event: SQSEvent) =>
    handler(event, toContext(milliseconds)).finally(() => admission.finished());
  return runEventSource(stores.queue, invoke, {
    batchSize: 1,
    concurrency: pool.capacity,
    signal,
  });
}

/** @throws {UsageError} where the folder to watch is not there. */
async function requireWatchedFolder({ watch }: LocalSettings): Promise<void> {
  if (watch === undefined) return;
  const found = await stat(watch).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`WATCH names ${watch}, which is not a folder.`);
}

/** Labels the pictures of the watched folder, where one is set. */
function watchPictures(
  { watch: folder, labels }: LocalSettings,
  pool: WorkerPool,
  signal: AbortSignal,
): Promise<void>[] {
  if (folder === undefined || labels === undefined) return [];
  const telemetry = loggingTelemetry();
  return [watchFolder({ folder, labels, classifier: pool, concurrency: pool.capacity, telemetry, signal })];
}

function giveUpOnDeadLetters(stores: Stores, signal: AbortSignal): Promise<void> {
  const handler = deadLetterHandler({ ...stores, telemetry: loggingTelemetry() });
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

async function docs() {
  const { buildDocs } = await import('../web/docs/build.ts');
  return buildDocs();
}

interface Running {
  readonly gateway: Server;
  readonly metricsServer: Server | undefined;
  readonly closing: AbortController;
  /** Ends the receiving of messages. */
  readonly receiving: AbortController;
  /** Resolve when what they have received is done with. */
  readonly receivers: readonly Promise<void>[];
  readonly pool: WorkerPool;
  readonly stores: Stores;
}

/** Requests are answered first, and images classified until they are; then what was received by then is finished. */
async function close({
  gateway,
  closing,
  receiving,
  receivers,
  pool,
  stores,
  ...others
}: Running): Promise<void> {
  const closed = once(gateway, 'close');
  gateway.close();
  closing.abort();
  const idle = setInterval(() => gateway.closeIdleConnections(), 50);
  await closed;
  clearInterval(idle);
  receiving.abort();
  await Promise.all(receivers);
  await pool.close();
  await stores.close();
  others.metricsServer?.close();
  others.metricsServer?.closeAllConnections();
}
