import { type HttpAnswer, type HttpHandler, httpHandler } from '../shared/http/handler.ts';
import { selection } from '../shared/http/parameters.ts';
import { type HttpRequest, readQuery } from '../shared/http/request.ts';
import { empty } from '../shared/http/response.ts';
import { readJob } from '../shared/http/wait.ts';
import { hasEnded } from '../shared/job.ts';
import type { Ports } from '../shared/ports.ts';
import { eventStream, retryEvent, statusEvent } from './event-stream.ts';
import { present, readJobId } from './job.ts';

export interface EventsOptions {
  /** Whether the runtime can stream an answer. If not, a client gets the newest state at once, and is told when to ask again. */
  readonly streaming: boolean;
}

const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' } as const;

/** The events function: a job's states as server-sent events. It checks the request before it sends the first event. */
export function eventsHandler(
  ports: Pick<Ports, 'jobs' | 'telemetry' | 'settings'>,
  options: EventsOptions,
): HttpHandler {
  return httpHandler(
    { '/status/{id}/events': { GET: (request) => getEvents(request, ports, options) } },
    ports,
  );
}

async function getEvents(
  request: HttpRequest,
  { jobs }: Pick<Ports, 'jobs'>,
  { streaming }: EventsOptions,
): Promise<HttpAnswer> {
  const chosen = readQuery(selection, request);
  const job = present(await readJob(jobs, readJobId(request)));
  const lastVersion = Number.parseInt(request.header('Last-Event-ID') ?? '', 10) || 0;
  // Only 204 stops EventSource from connecting again.
  if (hasEnded(job) && lastVersion >= job.version) return empty(204);
  const answer = { statusCode: 200, headers: { ...headers }, body: '' };
  if (streaming) {
    return { ...answer, stream: (signal) => eventStream(jobs, job.id, { chosen, lastVersion, signal }) };
  }
  const news = job.version > lastVersion ? statusEvent(job, chosen) : '';
  return { ...answer, body: retryEvent + news };
}
