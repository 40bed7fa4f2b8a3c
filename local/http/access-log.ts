import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../log.ts';

/** Header by which a proxy or a client names a request, and which the answer repeats. */
const requestIdHeader = 'X-Request-Id';
const mostCharacters = 200;

/** Which route answered, for which job where that is known from the address, and how long it took. */
export interface Answered {
  readonly route: string;
  readonly job: string | undefined;
  readonly milliseconds: number;
}

/** Gives the request the id that its line in the log will have: its own, where it has a harmless one. */
export function nameRequest({ headers }: IncomingMessage, response: ServerResponse): void {
  const given = headers[requestIdHeader.toLowerCase()];
  const isHarmless = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given);
  response.setHeader(requestIdHeader, isHarmless ? given : randomUUID());
}

/** The id that a request was given, for other lines about it; `undefined` where requests are not logged. */
export function requestIdOf(response: ServerResponse): string | undefined {
  const id = response.getHeader(requestIdHeader);
  return typeof id === 'string' ? id : undefined;
}

/**
 * Writes a line for an answered request. Its job is the one that lines about classifying have. Neither the query nor any header
 * but the client's name for itself is written: keys and the names of files stay out.
 */
export function logAccess(
  log: Logger,
  request: IncomingMessage,
  response: ServerResponse,
  { route, job, milliseconds }: Answered,
): void {
  const { method, url = '', headers, socket } = request;
  const line = {
    request: requestIdOf(response),
    job: job ?? jobOf(response),
    method,
    path: url.replace(/[?#].*/s, '').slice(0, mostCharacters),
    route,
    status: response.statusCode,
    // A client that left before its answer was whole.
    ...(!response.writableFinished && { aborted: true }),
    ms: Math.round(milliseconds * 10) / 10,
    remote: socket.remoteAddress,
    agent: headers['user-agent']?.slice(0, mostCharacters),
  };
  log.info(line, 'request');
}

/** A job that the request has made: its address is in the answer. */
function jobOf(response: ServerResponse): string | undefined {
  const location = response.getHeader('Location');
  return typeof location === 'string' ? /status\/([\w-]{36})$/.exec(location)?.[1] : undefined;
}
