import { methods, type Resource } from './routes.ts';

/** The headers of an answer that a page on another origin may read. */
export const exposedHeaders = 'Location, Retry-After, Server-Timing, Preference-Applied, ETag';
const requestHeaders = 'Content-Type, Idempotency-Key, Prefer, Last-Event-ID, If-None-Match, Authorization';
/**
 * The additional headers of a request that is let in by a signature
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html) or an API key.
 */
const credentialHeaders = {
  none: '',
  iam: ', X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256',
  key: ', X-Api-Key',
} as const;

/** The methods of a resource, for `Allow`: HEAD is answered wherever GET is, OPTIONS everywhere. */
export function allowedMethods(resource: Resource): string {
  const own: readonly string[] = methods[resource];
  return [...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

/** The headers of the answer to OPTIONS, except for the origin (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export function preflightHeaders(
  resource: Resource,
  { auth = 'none' }: { readonly auth?: keyof typeof credentialHeaders } = {},
): Record<string, string> {
  const allowed = allowedMethods(resource);
  return {
    Allow: allowed,
    'Access-Control-Allow-Methods': allowed,
    'Access-Control-Allow-Headers': `${requestHeaders}${credentialHeaders[auth]}`,
    'Access-Control-Max-Age': '7200',
  };
}
