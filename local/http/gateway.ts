import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { Problem } from '../../functions/shared/errors.ts';
import type { HttpHandler } from '../../functions/shared/http/handler.ts';
import { problemAnswer, toProblem, unknownAddress } from '../../functions/shared/http/response.ts';
import { type HttpFunction, resources } from '../../functions/shared/http/routes.ts';
import { drain } from './drain.ts';
import { toContext, toEvent } from './event.ts';
import { withHost } from './own-address.ts';
import { matchRoute } from './router.ts';
import { type StorageParts, serveStorage } from './storage.ts';

export interface GatewayParts {
  readonly handlers: Readonly<Record<HttpFunction, HttpHandler>>;
  readonly storage: StorageParts;
  /** The path everything is served under, without a slash at its end. */
  readonly basePath: string;
  /** Aborts when the server is to end: open event streams end with it. */
  readonly closing: AbortSignal;
}

/** The most bytes API Gateway takes in a request. */
const requestBytes = 10 * 1024 * 1024;

/** The path the upload form posts to, under the base path. */
export const storagePath = '/storage';

/** An HTTP server that does what API Gateway and S3 do around the functions. */
export function createGateway(parts: Promise<GatewayParts>): Server {
  return createServer((request, response) => {
    parts
      .then((ready) => withHost(request.headers.host, () => serve(request, response, ready)))
      .catch((error: unknown) => {
        if (response.headersSent || response.destroyed) response.destroy();
        else send(response, problemAnswer(toProblem(error, report)));
      });
  });
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: GatewayParts): Promise<void> {
  const url = new URL(`http://localhost${request.url?.startsWith('/') ? request.url : '/'}`);
  if (!`${url.pathname}/`.startsWith(`${parts.basePath}/`)) throw unknownAddress();
  const path = url.pathname.slice(parts.basePath.length) || '/';
  if (path === storagePath) return serveStorage(request, response, parts.storage);
  const match = matchRoute(path);
  if (match === undefined) throw unknownAddress();
  const body = await readBody(request);
  url.pathname = path;
  const event = toEvent(request, url, match, body);
  const target = resources[match.resource];
  if (target === 'events') return serveEvents(event, response, parts);
  const answer = await parts.handlers[target](event, toContext());
  parts.storage.commit();
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

/** Listens for chunks: iterating over a stream joins those that have gathered, only to have them joined again. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > requestBytes) resolve();
  };
  request.on('data', take).once('end', resolve).once('error', reject);
  await promise;
  if (bytes <= requestBytes) return Buffer.concat(chunks, bytes);
  request.off('data', take);
  await drain(request);
  throw new Problem(
    'image_too_large',
    'A request takes up to 10 MB. POST /uploads gives a form for larger images.',
  );
}

function send(response: ServerResponse, result: APIGatewayProxyResult): void {
  const body = Buffer.from(result.body, result.isBase64Encoded ? 'base64' : 'utf8');
  const bodiless = result.statusCode === 204 || result.statusCode === 304;
  response.writeHead(result.statusCode, {
    ...stringHeaders(result),
    ...(!bodiless && { 'Content-Length': body.length }),
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

function report(error: unknown): void {
  console.error('request failed', error);
}
