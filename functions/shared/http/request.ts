import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';
import { Problem } from '../errors.ts';

/** A request as a route sees it, whatever runtime it came through. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Where the service answers as this client reaches it, with a slash at its end. */
  readonly address: string;
  readonly pathParameters: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  /** When this function must have answered, and may not wait any longer. */
  readonly remainingMilliseconds: () => number;
  header(name: string): string | undefined;
}

/** Where a runtime that has a body as bytes puts it, beside API Gateway's `body`: nobody then turns it into base64 and back. */
export const bodyBytes = Symbol('body as bytes');

/** An event of API Gateway, or of a runtime that spares the base64. */
export type HttpEvent = APIGatewayProxyEvent & { readonly [bodyBytes]?: Buffer };

/** Reads an API Gateway REST event. A body comes in base64 wherever the API's binary media types match, JSON too. */
export function readRequest(event: HttpEvent, remainingMilliseconds: () => number): HttpRequest {
  const headers = lowerCased(event.headers);
  return {
    method: event.httpMethod,
    path: event.path,
    address: addressOf(event, headers.host),
    pathParameters: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    body: event[bodyBytes] ?? Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    remainingMilliseconds,
    header: (name) => headers[name.toLowerCase()],
  };
}

/** API Gateway's own domain or one that stands for it, and what precedes the resource: a stage or a base path. */
function addressOf({ requestContext, path, resource }: HttpEvent, host: string | undefined): string {
  const { domainName, path: whole = path } = requestContext;
  const prefix = whole.endsWith(resource) ? whole.slice(0, -resource.length) : '';
  return domainName === undefined ? `http://${host}${prefix}/` : `https://${domainName}${prefix}/`;
}

/**
 * Checks the query against a schema.
 * @throws {Problem} `invalid_parameter`, naming the parameter and what it takes.
 */
export function readQuery<Schema extends z.ZodType>(schema: Schema, request: HttpRequest): z.infer<Schema> {
  const result = schema.safeParse(request.query);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    throw new Problem('invalid_parameter', `${issue.keys.join(', ')}: no such parameter here`);
  }
  throw new Problem('invalid_parameter', `${issue?.path.join('.')}: ${issue?.message}`);
}

function lowerCased(headers: APIGatewayProxyEvent['headers'] | null): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
