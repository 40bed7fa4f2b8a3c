import { createApi } from '../../client/client.ts';
import { Failure, unreachable } from '../../client/failure.ts';
import type { Message, Sent } from '../../client/submit.ts';

/** The service's own address: that of this page, wherever it is served, with a slash at its end. */
export const baseUrl = new URL(location.pathname.replace(/\/?$/, '/'), location.origin).href;

export const api = createApi(baseUrl);

/**
 * Posts a body and tells how much of it has gone, from 0 to 1: only XMLHttpRequest knows.
 * @throws {Failure} `unreachable`, or `cancelled` once `signal` aborts.
 */
export function sendWithProgress(
  { url, headers, body }: Message,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve(toSent(request));
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(cancelled());
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}

function toSent(request: XMLHttpRequest): Sent {
  return {
    status: request.status,
    body: request.responseText,
    location: request.getResponseHeader('Location'),
    retryAfter: request.getResponseHeader('Retry-After'),
  };
}

export function cancelled(): Failure {
  return new Failure('cancelled', 'The upload was cancelled.');
}
