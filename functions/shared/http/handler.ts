import middy from '@middy/core';
import httpCors from '@middy/http-cors';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import { Problem } from '../errors.ts';
import type { Telemetry } from '../ports.ts';
import { type HttpRequest, readRequest } from './request.ts';
import { empty, problemAnswer, toProblem, unknownAddress } from './response.ts';
import { isResource, type Resource } from './routes.ts';

export type Route = (request: HttpRequest) => Promise<APIGatewayProxyResult>;
/** The methods of each resource that a function answers. HEAD is answered wherever GET is, OPTIONS everywhere. */
export type Routes = Partial<Record<Resource, Readonly<Record<string, Route>>>>;

export type HttpHandler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;

export interface HttpOptions {
  readonly telemetry: Telemetry;
  /** Origins whose pages may call the API; `*` for any. */
  readonly allowedOrigins: readonly string[];
}

const exposedHeaders = 'Location, Retry-After, Server-Timing, Preference-Applied, ETag';
const requestHeaders = 'Content-Type, Idempotency-Key, Prefer, Last-Event-ID, If-None-Match, Authorization';

/** Composes the middleware every HTTP function shares around its routes. */
export function httpHandler(routes: Routes, { telemetry, allowedOrigins }: HttpOptions): HttpHandler {
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(httpCors({ ...corsOrigins(allowedOrigins), exposeHeaders: exposedHeaders }))
    .use({
      onError: (request) => {
        request.response = problemAnswer(
          toProblem(request.error, (error) => telemetry.error('request failed', error)),
        );
      },
    })
    .handler((event, context) => dispatch(routes, event, context));
}

async function dispatch(routes: Routes, event: APIGatewayProxyEvent, context: Context) {
  const methods = methodsOf(routes, event.resource);
  if (event.httpMethod === 'OPTIONS') return empty(204, preflight(allow(methods)));
  const route = methods[event.httpMethod === 'HEAD' ? 'GET' : event.httpMethod];
  if (route === undefined) {
    const allowed = allow(methods);
    const detail = `${event.path} answers ${allowed}, not ${event.httpMethod}.`;
    throw new Problem('method_not_allowed', detail, { headers: { Allow: allowed } });
  }
  const answer = await route(readRequest(event, () => context.getRemainingTimeInMillis()));
  return event.httpMethod === 'HEAD' ? { ...answer, body: '' } : answer;
}

function methodsOf(routes: Routes, resource: string): Readonly<Record<string, Route>> {
  const methods = isResource(resource) ? routes[resource] : undefined;
  if (methods === undefined) throw unknownAddress();
  return methods;
}

function allow(methods: Readonly<Record<string, Route>>): string {
  const names = Object.keys(methods);
  return [...names, ...(names.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

function preflight(allowed: string): Record<string, string> {
  return {
    Allow: allowed,
    'Access-Control-Allow-Methods': allowed,
    'Access-Control-Allow-Headers': requestHeaders,
    'Access-Control-Max-Age': '7200',
  };
}

function corsOrigins(origins: readonly string[]): { origin: string } | { origins: string[] } {
  const [only] = origins;
  return origins.length === 1 && only === '*' ? { origin: '*' } : { origins: [...origins] };
}
