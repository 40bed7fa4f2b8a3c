import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { Problem, type ProblemCode } from '../../functions/shared/errors.ts';
import { problemAnswer } from '../../functions/shared/http/response.ts';

/** Answers, as problem details too, what never becomes a request: bytes that are no HTTP, proxies' CONNECT, unknown expectations. */
export function answerRefusals(
  server: Server,
  send: (response: ServerResponse, problem: Problem) => void,
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // A client that is gone hears nothing, and one that has begun to read an answer must not take this for its end.
    if (error.code === 'ECONNRESET' || !socket.writable || answering.safeParse(socket).success)
      socket.destroy();
    else end(socket, parserProblem(error.code));
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    const detail = `This is no proxy: it does not answer CONNECT ${request.url?.slice(0, 200)}.`;
    end(
      socket,
      new Problem('method_not_allowed', detail, { headers: { Allow: 'GET, HEAD, POST, DELETE, OPTIONS' } }),
    );
  });
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    send(response, new Problem('expectation_failed', 'Expect takes 100-continue only. Leave it out.'));
  });
}

/** https://nodejs.org/api/http.html#event-clienterror and llhttp's error codes. */
const parserProblems: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: [
    'headers_too_large',
    'The headers of a request may have 16 KiB together. Send fewer or shorter ones.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['image_too_large', 'The chunk extensions of the request are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request did not arrive in time. Send it again.'],
};

function parserProblem(code = ''): Problem {
  const [name, detail] = parserProblems[code] ?? [
    'malformed_request',
    'The request cannot be read as HTTP/1.1. Check the client.',
  ];
  return new Problem(name, detail);
}

/** As Node itself tells it: the answer that a socket is busy with. */
const answering = z.object({ _httpMessage: z.object({ headersSent: z.literal(true) }) });

function end(socket: Duplex, problem: Problem): void {
  const { statusCode, headers, body } = problemAnswer(problem);
  const lines = Object.entries({
    ...headers,
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${lines.join('')}\r\n${body}`);
}
