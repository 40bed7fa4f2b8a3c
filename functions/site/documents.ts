import { createHash } from 'node:crypto';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Route } from '../shared/http/handler.ts';
import type { Headers } from '../shared/http/response.ts';

/**
 * Answers with a document that changes only with a new deployment: clients keep it, and ask again by its `ETag`
 * (RFC 9110, 8.8.3). It is made when it is first asked for.
 */
export function staticDocument(make: () => string, headers: Headers): Route {
  let made: { body: string; headers: Headers } | undefined;
  return async (request): Promise<APIGatewayProxyResult> => {
    made ??= withTag(make(), headers);
    return matches(request.header('If-None-Match'), made.headers.ETag)
      ? { statusCode: 304, headers: { ...made.headers }, body: '' }
      : { statusCode: 200, headers: { ...made.headers }, body: made.body };
  };
}

/** A JSON document that clients may keep for five minutes without asking. */
export function jsonDocument(make: () => unknown): Route {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' };
  return staticDocument(() => JSON.stringify(make()), headers);
}

function withTag(body: string, headers: Headers) {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { body, headers: { ...headers, ETag: etag } };
}

function matches(ifNoneMatch: string | undefined, etag: string | undefined): boolean {
  return (ifNoneMatch ?? '').split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}
