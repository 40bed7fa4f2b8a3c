import { createHash } from 'node:crypto';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Route } from '../shared/http/handler.ts';
import type { HttpHeaders } from '../shared/http/response.ts';

export interface StaticDocument {
  readonly body: string;
  readonly headers: HttpHeaders;
}

/**
 * Answers with a document that changes only with a new deployment. Clients cache it and revalidate it by its `ETag`
 * (RFC 9110, 8.8.3). It is made on the first request.
 */
export function staticDocument(make: () => Promise<StaticDocument>): Route {
  let making: Promise<StaticDocument> | undefined;
  return async (request): Promise<APIGatewayProxyResult> => {
    making ??= make()
      .then(withTag)
      .catch((error: unknown) => {
        making = undefined;
        throw error;
      });
    const { body, headers } = await making;
    return matches(request.header('If-None-Match'), headers.ETag)
      ? { statusCode: 304, headers: { ...headers }, body: '' }
      : { statusCode: 200, headers: { ...headers }, body };
  };
}

/** A JSON document that clients may cache for five minutes. */
export function jsonDocument(make: () => unknown): Route {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' };
  return staticDocument(async () => ({ body: JSON.stringify(make()), headers }));
}

function withTag({ body, headers }: StaticDocument): StaticDocument {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { body, headers: { ...headers, ETag: etag } };
}

function matches(ifNoneMatch: string | undefined, etag: string | undefined): boolean {
  return (ifNoneMatch ?? '').split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}
