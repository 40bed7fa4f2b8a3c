import { createHash } from 'node:crypto';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { type HttpHandler, httpHandler, type Route } from '../shared/http/handler.ts';
import { json } from '../shared/http/response.ts';
import type { Telemetry } from '../shared/ports.ts';
import type { ServiceSettings } from '../shared/settings.ts';
import type { ModelDescription } from './model-description.ts';

export interface SiteDependencies {
  readonly model: ModelDescription;
  readonly telemetry: Telemetry;
  readonly settings: ServiceSettings;
}

/** The site function: what can be known without a job. Its last route answers 404 for every address nobody else has. */
export function siteHandler({
  model: { labels, ...model },
  settings,
  telemetry,
}: SiteDependencies): HttpHandler {
  const health = { status: 'ok', model: { name: model.name, sha256: model.sha256 } };
  return httpHandler(
    {
      '/health': { GET: async () => json(200, health) },
      '/model': { GET: cached(model) },
      '/labels': { GET: cached(labels) },
    },
    { telemetry, allowedOrigins: settings.allowedOrigins },
  );
}

/** A document that changes only with a new deployment: kept by clients, asked for again by its `ETag` (RFC 9110, 8.8.3). */
function cached(document: unknown): Route {
  const body = JSON.stringify(document);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300', ETag: etag };
  return async (request): Promise<APIGatewayProxyResult> =>
    matches(request.header('If-None-Match'), etag)
      ? { statusCode: 304, headers: { ...headers }, body: '' }
      : { statusCode: 200, headers: { ...headers }, body };
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}
