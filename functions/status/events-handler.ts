import type { APIGatewayProxyResult } from 'aws-lambda';
import { type HttpHandler, httpHandler } from '../shared/http/handler.ts';
import { type Selection, selection } from '../shared/http/parameters.ts';
import { type HttpRequest, readQuery } from '../shared/http/request.ts';
import { empty } from '../shared/http/response.ts';
import { readJob } from '../shared/http/wait.ts';
import { hasEnded, type Job } from '../shared/job.ts';
import { retryEvent, statusEvent } from './event-stream.ts';
import type { StatusDependencies } from './handler.ts';
import { present, readJobId, type StatusPorts } from './job.ts';

/** A request for a job's events, checked; `ended` says that the client has seen all there was. */
export interface EventsRequest {
  readonly job: Job;
  readonly chosen: Selection;
  readonly lastVersion: number;
  readonly ended: boolean;
}

/**
 * Checks a request for a job's events before the first of them is sent.
 * @throws {Problem} `not_found`, `gone`, `invalid_parameter`.
 */
export async function readEventsRequest(request: HttpRequest, { jobs }: StatusPorts): Promise<EventsRequest> {
  const chosen = readQuery(selection, request);
  const job = present(await readJob(jobs, readJobId(request)));
  const lastVersion = Number.parseInt(request.header('Last-Event-ID') ?? '', 10) || 0;
  return { job, chosen, lastVersion, ended: hasEnded(job) && lastVersion >= job.version };
}

export const eventStreamHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
} as const;

/** `GET /status/{id}/events` where responses are buffered: the newest state at once, and when to ask again. */
export function bufferedEventsHandler({ settings, telemetry, ...ports }: StatusDependencies): HttpHandler {
  return httpHandler(
    { '/status/{id}/events': { GET: (request) => bufferedEvents(request, ports) } },
    { telemetry, allowedOrigins: settings.allowedOrigins },
  );
}

async function bufferedEvents(request: HttpRequest, ports: StatusPorts): Promise<APIGatewayProxyResult> {
  const { job, chosen, lastVersion, ended } = await readEventsRequest(request, ports);
  // EventSource stops asking only on 204.
  if (ended) return empty(204);
  const news = job.version > lastVersion ? statusEvent(job, chosen) : '';
  return { statusCode: 200, headers: { ...eventStreamHeaders }, body: retryEvent + news };
}
