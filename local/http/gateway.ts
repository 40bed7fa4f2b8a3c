import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Problem } from '../../functions/shared/errors.ts';
import type { HttpHandler } from '../../functions/shared/http/handler.ts';
import { readWaitPreference } from '../../functions/shared/http/preferences.ts';
import type { HttpEvent } from '../../functions/shared/http/request.ts';
import { problemAnswer, toProblem, unknownAddress } from '../../functions/shared/http/response.ts';
import { type HttpFunction, resources } from '../../functions/shared/http/routes.ts';
import { log } from '../log.ts';
import type { LocalSettings } from '../settings.ts';
import { logAccess, nameRequest, requestIdOf } from './access-log.ts';
import type { Admission } from './admission.ts';
import { BodyReader } from './body.ts';
import { drain } from './drain.ts';
import { toContext, toEvent } from './event.ts';
import type { Guard } from './guard.ts';
import { answerOperation, isOperation, type Operations } from './operations.ts';
import { withHost } from './own-address.ts';
import { answerRefusals } from './refusals.ts';
import { matchRoute, type RouteMatch } from './router.ts';
import { type StorageParts, serveStorage } from './storage.ts';
import { readTarget } from './target.ts';

export interface GatewayParts {
  readonly handlers: Readonly<Record<HttpFunction, HttpHandler>>;
  readonly storage: StorageParts;
  readonly guard: Guard;
  readonly admission: Admission;
  readonly operations: Operations;
  readonly settings: Pick<LocalSettings, 'basePath' | 'allowedOrigins' | 'inlineImageBytes'>;
  /** Aborts when the server is to end: open event streams end with it. */
  readonly closing: AbortSignal;
}

/** Bytes that a form may put around its image, or a request without an image may have. */
const formBytes = 1024 * 1024;

/** The path the upload form posts to, under the base path. */
export const storagePath = '/storage';

/** Addresses that answer without a key: one tells only that there is a server, and a form has a signature of its own. */
const openPaths = ['/health', '/ready', storagePath];

/** An HTTP server that does what API Gateway and S3 do around the functions. */
export function createGateway(parts: Promise<GatewayParts>): Server {
  const bodies = new BodyReader();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    parts
      .then((ready) => {
        allowOrigin(request, response, ready.settings.allowedOrigins);
        return serve(request, response, ready, bodies);
      })
      .catch((error: unknown) => {
        if (response.headersSent || response.destroyed) response.destroy();
        else
          refuse(
            request,
            response,
            toProblem(error, (fault) => report(fault, response)),
          );
      });
  };
  // A missing Host is refused here, as problem details.
  const server = createServer({ requireHostHeader: false }, answer);
  // A client that sends `Expect: 100-continue` gets its 100 once the body is about to be read.
  server.on('checkContinue', answer);
  answerRefusals(server, (response, problem) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    send(response, problemAnswer(problem));
  });
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  parts: GatewayParts,
  bodies: BodyReader,
): Promise<void> {
  const { url, authority } = readTarget(request);
  const { basePath } = parts.settings;
  const path = `${url.pathname}/`.startsWith(`${basePath}/`)
    ? url.pathname.slice(basePath.length) || '/'
    : undefined;
  const match = path === undefined ? undefined : matchRoute(path);
  measure(request, response, match, parts);
  parts.guard.check({ request, authority, isOpen: path !== undefined && openPaths.includes(path) });
  if (path !== undefined && isOperation(path, parts.operations))
    return send(response, await answerOperation(path, request.method, parts.operations));
  if (path === undefined || match === undefined) throw unknownAddress();
  url.pathname = path;
  await withHost(authority, () =>
    path === storagePath
      ? serveStorage(request, response, parts.storage)
      : serveFunction({ request, response, url, match }, parts, bodies),
  );
}

/** Notes the request's time and status once it is answered, or the client is gone. */
function measure(
  request: IncomingMessage,
  response: ServerResponse,
  match: RouteMatch | undefined,
  { operations: { metrics, accessLog } }: GatewayParts,
): void {
  const began = performance.now();
  const { method = '' } = request;
  const route = match?.resource ?? 'unknown';
  if (accessLog !== undefined) nameRequest(request, response);
  response.once('close', () => {
    const milliseconds = performance.now() - began;
    metrics.request(method, route, response.statusCode, milliseconds);
    if (accessLog !== undefined)
      logAccess(accessLog, request, response, { route, job: match?.pathParameters?.id, milliseconds });
  });
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly match: RouteMatch;
}

/** Asks first for a place to wait and for room on the disk: what is refused is refused before its body is read. */
async function serveFunction(call: Call, parts: GatewayParts, bodies: BodyReader): Promise<void> {
  const { request, response, url, match } = call;
  const { basePath, inlineImageBytes } = parts.settings;
  const target = resources[match.resource];
  const takesIn = request.method === 'POST' && target === 'upload';
  if (takesIn) parts.storage.images.requireRoom(Number(request.headers['content-length'] ?? 0));
  const waitSeconds = takesIn && match.resource === '/predict' ? waitOf(request) : 0;
  const leave = waitSeconds > 0 ? parts.admission.enter(waitSeconds) : undefined;
  try {
    if (request.headers.expect !== undefined) response.writeContinue();
    using held = await bodies.read(request, inlineImageBytes + formBytes);
    const event = toEvent(request, url, match, held.body, basePath);
    if (target === 'events') await serveEvents(event, response, parts);
    else await callFunction(parts.handlers[target], event, response, parts);
  } finally {
    leave?.();
  }
}

function waitOf({ headers }: IncomingMessage): number {
  const { prefer } = headers;
  return readWaitPreference(Array.isArray(prefer) ? prefer.join() : prefer).seconds;
}

/** Reading goes on while the disk takes no writes: then only what was to be written is refused. */
async function callFunction(
  handler: HttpHandler,
  event: HttpEvent,
  response: ServerResponse,
  { storage }: GatewayParts,
): Promise<void> {
  const keep = storage.begin();
  const answer = await handler(event, toContext());
  try {
    keep();
  } catch (error) {
    if (event.httpMethod !== 'GET' && event.httpMethod !== 'HEAD') throw error;
  }
  send(response, answer);
}

async function serveEvents(event: Parameters<HttpHandler>[0], response: ServerResponse, parts: GatewayParts) {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, parts.closing]);
  const answer = await parts.handlers.events(event, toContext());
  if (answer.stream === undefined) return send(response, answer);
  response.writeHead(answer.statusCode, stringHeaders(answer));
  response.flushHeaders();
  await pipeline(Readable.from(answer.stream(signal)), response).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Answers at once. What the client still sends is read and dropped: most read no answer before they have sent everything. */
function refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  if (request.headers.expect !== undefined) response.setHeader('Connection', 'close');
  send(response, problemAnswer(problem));
  void drain(request);
}

/** The headers that let a page of an origin that is allowed read this server's own refusals; the functions have theirs. */
function allowOrigin(
  { headers }: IncomingMessage,
  response: ServerResponse,
  allowed: readonly string[],
): void {
  if (allowed.length === 0) return;
  const any = allowed.includes('*');
  if (!any) response.setHeader('Vary', 'Origin');
  if (!any && !allowed.includes(headers.origin ?? '')) return;
  response.setHeader('Access-Control-Allow-Origin', any ? '*' : (headers.origin ?? ''));
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
}

function send(response: ServerResponse, result: APIGatewayProxyResult): void {
  const body = Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8');
  const bodiless = result.statusCode === 204 || result.statusCode === 304;
  response.writeHead(result.statusCode, {
    ...(!bodiless && { 'Content-Length': body.length }),
    ...stringHeaders(result),
  });
  response.end(body);
}

function stringHeaders({
  headers,
  multiValueHeaders,
}: APIGatewayProxyResult): Record<string, string | string[]> {
  const single = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
  const several = Object.entries(multiValueHeaders ?? {}).map(([name, values]) => [name, values.map(String)]);
  return Object.fromEntries([...single, ...several]);
}

function report(err: unknown, response: ServerResponse): void {
  log.error({ request: requestIdOf(response), err }, 'request failed');
}
