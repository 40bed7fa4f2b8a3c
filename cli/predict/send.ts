import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { answered, type Send } from '../../client/submit.ts';

const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

/**
 * Posts bytes by `node:http`, which takes less than half the processor time of `fetch` for a small image.
 * @throws {Failure} `unreachable` where there is no answer.
 */
export const sendBytes: Send = ({ url, headers, body }) => {
  if (!(body instanceof Uint8Array)) throw new TypeError('Only bytes can be sent this way.');
  return answered(post(new URL(url), headers, body));
};

async function post(url: URL, headers: http.OutgoingHttpHeaders, bytes: Uint8Array) {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const agent = url.protocol === 'https:' ? agents['https:'] : agents['http:'];
    const options = { method: 'POST', agent, headers: { ...headers, 'Content-Length': bytes.length } };
    request(url, options, resolve).on('error', reject).end(bytes);
  });
  return {
    status: response.statusCode ?? 0,
    body: await text(response),
    retryAfter: response.headers['retry-after'] ?? null,
    location: response.headers.location ?? null,
  };
}
