import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

/** How a function answered an event. */
export interface Answer {
  /** The last part of the path it was posted to: `response`, or `error`. */
  readonly kind: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** From when the function was given the event to when its answer began to arrive. */
  readonly milliseconds: number;
}

export interface Invocation {
  readonly event: unknown;
  /** Milliseconds until the function must have answered. */
  readonly timeoutMilliseconds?: number;
  /** Called with each part of the answer as it comes. */
  readonly onPart?: (part: string) => void;
}

interface Pending extends Invocation {
  readonly id: string;
  readonly answered: (answer: Answer) => void;
}

interface Running extends Pending {
  readonly began: number;
}

/**
 * Hands events to a function's runtime as Lambda does, one at a time. Tests and the benchmark of the functions use it.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #waiting: Pending[] = [];
  readonly #running = new Map<string, Running>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #initError = Promise.withResolvers<never>();
  #idle: ServerResponse | undefined;

  constructor() {
    this.#initError.promise.catch(() => {});
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  /** Resolves when the function first asks for an event: it has started. Rejects if it cannot start. */
  get ready(): Promise<void> {
    return Promise.race([this.#ready.promise, this.#initError.promise]);
  }

  /** Resolves to the function's answer; rejects if it cannot start. */
  invoke(invocation: Invocation): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.push({ ...invocation, id: randomUUID(), answered: resolve });
    this.#deliver();
    return Promise.race([promise, this.#initError.promise]);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [kind = '', id = ''] = (request.url ?? '').split('/').reverse();
    if (kind === 'next') {
      this.#idle = response;
      this.#ready.resolve();
      return this.#deliver();
    }
    const received = performance.now();
    const running = this.#running.get(id);
    const body = await read(request, running?.onPart);
    if (id === 'init') this.#initError.reject(new Error(`The function did not start: ${body}`));
    if (running !== undefined) {
      const milliseconds = received - running.began;
      running.answered({ kind, headers: request.headers, body, milliseconds });
    }
    response.writeHead(202, { 'Content-Type': 'application/json' }).end('{"status":"OK"}');
  }

  #deliver(): void {
    const pending = this.#idle && this.#waiting.shift();
    if (this.#idle === undefined || pending === undefined) return;
    this.#running.set(pending.id, { ...pending, began: performance.now() });
    this.#idle.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': pending.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + (pending.timeoutMilliseconds ?? 30_000)),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:test',
      'Lambda-Runtime-Trace-Id': 'Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0',
    });
    this.#idle.end(JSON.stringify(pending.event));
    this.#idle = undefined;
  }
}

async function read(request: IncomingMessage, onPart: Invocation['onPart']): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part);
    onPart?.(String(part));
  }
  return Buffer.concat(parts);
}
