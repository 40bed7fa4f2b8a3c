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
    const own = new URL(url, baseUrl).origin === location.origin;
    request.onload = () => resolve(toSent(request, own));
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(cancelled());
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}

/** Storage on another origin does not show its headers, and a browser complains when it is asked for them. */
function toSent(request: XMLHttpRequest, own: boolean): Sent {
  const { status, responseText: body } = request;
  if (!own) return { status, body, retryAfter: null };
  const [location, retryAfter] = ['Location', 'Retry-After'].map((name) => request.getResponseHeader(name));
  return { status, body, location: location ?? null, retryAfter: retryAfter ?? null };
}

/** Deletes a job as the page is left: the browser sends this after the page is gone, and nobody reads the answer. */
export function deleteInLeaving(jobId: string): void {
  void fetch(`${baseUrl}status/${jobId}`, { method: 'DELETE', keepalive: true }).catch(() => {});
}

export function cancelled(): Failure {
  return new Failure('cancelled', 'The upload was cancelled.');
}
