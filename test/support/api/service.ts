import type { APIGatewayProxyResult } from 'aws-lambda';
import { resources } from '../../../functions/shared/http/routes.ts';
import type { Job, NewJob, Transition } from '../../../functions/shared/job.ts';
import { storedObjects } from '../../../functions/shared/object-event.ts';
import type { ImageStore, JobQueue, JobStore } from '../../../functions/shared/ports.ts';
import { readEnvironment, serviceSettings } from '../../../functions/shared/settings.ts';
import { siteHandler } from '../../../functions/site/handler.ts';
import { eventsHandler } from '../../../functions/status/events-handler.ts';
import { statusHandler } from '../../../functions/status/handler.ts';
import { uploadHandler } from '../../../functions/upload/handler.ts';
import { describeMobileNet } from '../../../layers/model/build/network.ts';
import { toContext } from '../../../local/http/event.ts';
import { matchRoute } from '../../../local/http/router.ts';
import { openStores } from '../../../local/stores/stores.ts';
import { apiRequest } from '../aws/events.ts';
import { temporaryFolder } from '../local/server-process.ts';
import { silentTelemetry } from '../telemetry.ts';

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** The functions over the local stores, with a stand-in for the classify function: what it does to a job is the test's to say. */
export interface Service extends AsyncDisposable {
  ask(request: Ask): Promise<APIGatewayProxyResult>;
  readonly jobs: JobStore;
  /** What becomes of each image that is queued from now on; nothing, if it never says. */
  onImage: (jobId: string) => Promise<void>;
  transition(id: string, transition: Transition): Promise<void>;
  create(job: Partial<NewJob>): Promise<Job>;
  /** From now on every port fails with this. */
  fault: Error | undefined;
}

export async function startService(): Promise<Service> {
  const folder = await temporaryFolder();
  const settings = readEnvironment(serviceSettings, {});
  const stores = await openStores({ ...settings, dataDir: folder.path }, () => 'http://127.0.0.1:1/storage');
  const queue: JobQueue = {
    async send(message) {
      for (const { jobId } of storedObjects(message)) await service.onImage(jobId);
    },
    changeVisibility: async () => {},
  };
  const failing = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        if (service.fault !== undefined) throw service.fault;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  const ports: { jobs: JobStore; images: ImageStore; queue: JobQueue } = {
    jobs: failing<JobStore>(stores.jobs),
    images: failing<ImageStore>(stores.images),
    queue: failing(queue),
  };
  const common = { ...ports, telemetry: silentTelemetry, settings };
  const model = {
    ...identity,
    calledBy: 'imagenet',
    ...describeMobileNet(224),
    classes: 1,
    labels: [{ wnid: 'n01440764', label: 'tench' }],
    formats: [{ name: 'JPEG', mediaType: 'image/jpeg' }],
  };
  const script = Buffer.from('console.log("some words");\n'.repeat(200));
  const assets = {
    'daisy.webp': { type: 'image/webp', base64: Buffer.from('RIFF'.repeat(1000)).toString('base64') },
    'script.js': { type: 'text/javascript', base64: script.toString('base64') },
  };
  const page = async () => {
    if (service.fault !== undefined) throw service.fault;
    return { html: '<!doctype html>', contentSecurityPolicy: "default-src 'none'", assets };
  };
  const handlers = {
    upload: uploadHandler({ ...common, models: ['imagenet', 'kinds'] }),
    status: statusHandler(common),
    events: eventsHandler(common, { streaming: false }),
    site: siteHandler(
      {
        models: [model, { ...model, calledBy: 'kinds' }],
        ...{ page, docs: page },
        uploadOrigins: ['https://images.example'],
      },
      common,
    ),
  };
  const service: Service = {
    jobs: stores.jobs,
    fault: undefined,
    onImage: async () => {},
    async ask(request) {
      const event = toEvent(request);
      const target = matchRoute(request.path);
      if (target === undefined) throw new Error(`No route for ${request.path}.`);
      return handlers[resources[target.resource]](event, toContext());
    },
    async transition(id, transition) {
      const { applied } = await stores.jobs.transition(id, transition);
      if (!applied) throw new Error(`${transition.to} is not where this job can go.`);
    },
    async create(given) {
      const job: NewJob = {
        id: crypto.randomUUID(),
        source: 'inline',
        createdAt: new Date(),
        deadline: new Date(Date.now() + 60_000),
        expiresAt: new Date(Date.now() + 3_600_000),
        ...given,
      };
      return (await stores.jobs.create(job)).job;
    },
    async [Symbol.asyncDispose]() {
      await stores.close();
      await folder[Symbol.asyncDispose]();
    },
  };
  return service;
}

export const identity = { name: 'mobilenet_v2_1.0_224', sha256: 'ab'.repeat(32) };

function toEvent({ method = 'GET', path, query = {}, headers = {}, body }: Ask) {
  const { resource, pathParameters } = matchRoute(path) ?? { resource: '/{proxy+}', pathParameters: null };
  return apiRequest(method, resource, {
    path,
    headers: { ...headers },
    queryStringParameters: { ...query },
    pathParameters: pathParameters === null ? null : { ...pathParameters },
    body: body === undefined ? null : Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  });
}
