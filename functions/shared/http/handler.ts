import middy from '@middy/core';
import httpCors from '@middy/http-cors';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { Problem } from '../errors.ts';
import type { Telemetry } from '../ports.ts';
import type { ServiceSettings } from '../settings.ts';
import { compressAnswer } from './compression.ts';
import { allowedMethods, exposedHeaders, preflightHeaders } from './preflight.ts';
import { type HttpRequest, readRequest } from './request.ts';
import { empty, problemAnswer, toProblem, unknownAddress } from './response.ts';
import { isResource, type methods, type Resource } from './routes.ts';

/** An answer. `stream`, where there is one, makes the body piece by piece until the client is gone or time is up: then `signal` aborts. */
export interface HttpAnswer extends APIGatewayProxyResult {
  readonly stream?: (signal: AbortSignal) => AsyncIterable<string>;
}

export type Route = (request: HttpRequest) => Promise<HttpAnswer>;
/** For each resource that a function answers, a route for each of its methods. */
export type Routes = {
  readonly [R in Resource]?: Readonly<Record<(typeof methods)[R][number], Route>>;
};

export type HttpHandler = (event: APIGatewayProxyEvent, context: Context) => Promise<HttpAnswer>;

export interface HttpOptions {
  readonly telemetry: Telemetry;
  /** No origin at all: only the service's own page may call. */
  readonly settings: Pick<ServiceSettings, 'allowedOrigins'>;
}

/** Composes the middleware every HTTP function shares around its routes. */
export function httpHandler(routes: Routes, { telemetry, settings }: HttpOptions): HttpHandler {
  const { allowedOrigins } = settings;
  return middy<APIGatewayProxyEvent, HttpAnswer>()
    .use(allowedOrigins.length > 0 ? cors(allowedOrigins) : [])
    .use({
      onError: (request) => {
        request.response = problemAnswer(
          toProblem(request.error, (error) => telemetry.error('request failed', error)),
        );
      },
    })
    .handler((event, context) => dispatch(routes, event, context, allowedOrigins));
}

async function dispatch(
  routes: Routes,
  event: APIGatewayProxyEvent,
  context: Context,
  allowedOrigins: readonly string[],
) {
  const { resource, httpMethod, path } = event;
  const found = isResource(resource) ? routes[resource] : undefined;
  if (!isResource(resource) || found === undefined) throw unknownAddress();
  if (httpMethod === 'OPTIONS')
    return empty(
      204,
      allowedOrigins.length > 0 ? preflightHeaders(resource) : { Allow: allowedMethods(resource) },
    );
  const byMethod: Readonly<Record<string, Route>> = found;
  const route = byMethod[httpMethod === 'HEAD' ? 'GET' : httpMethod];
  if (route === undefined) {
    const allowed = allowedMethods(resource);
    const detail = `${path} answers ${allowed}, not ${httpMethod}.`;
    throw new Problem('method_not_allowed', detail, { headers: { Allow: allowed } });
  }
  const request = readRequest(event, () => context.getRemainingTimeInMillis());
  const answer = await compressAnswer(await route(request), request.header('Accept-Encoding'));
  return httpMethod === 'HEAD' ? withoutBody(answer) : answer;
}

/** The same head as with its body, the length included (RFC 9110, section 9.3.2). */
function withoutBody({ stream, ...answer }: HttpAnswer): HttpAnswer {
  const { headers, body, isBase64Encoded, statusCode } = answer;
  const length = Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8');
  const isKnown = stream === undefined && statusCode !== 204 && statusCode !== 304;
  return {
    ...answer,
    headers: { ...headers, ...(isKnown && { 'Content-Length': String(length) }) },
    ...{ body: '', isBase64Encoded: false },
  };
}

function cors(origins: readonly string[]) {
  const [only] = origins;
  const allowed = origins.length === 1 && only === '*' ? { origin: '*' } : { origins: [...origins] };
  return httpCors({ ...allowed, exposeHeaders: exposedHeaders });
}
