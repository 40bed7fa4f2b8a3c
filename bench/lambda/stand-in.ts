import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { SQSEvent } from 'aws-lambda';
import * as z from 'zod';

const itemSchema = z.looseObject({ id: z.object({ S: z.string() }) });
const putItem = z.object({ Item: itemSchema });
const getItem = z.object({ Key: itemSchema });

/** One invocation, from when the function was given the event to when it answered. */
export interface Invocation {
  readonly milliseconds: number;
  readonly answer: unknown;
}

interface Waiting {
  readonly event: SQSEvent;
  readonly done: PromiseWithResolvers<Invocation>;
}

/**
 * Everything a function in Lambda talks to, at its least and in this process: the Runtime API, S3's `GetObject`, DynamoDB's `GetItem`
 * and `PutItem` without conditions. It answers in well under a millisecond, so that what is measured is the function.
 */
export class StandIn {
  readonly images = new Map<string, Uint8Array>();
  readonly #server: Server;
  readonly #items = new Map<string, { json: unknown; bytes: number }>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #running = new Map<string, { started: number; done: PromiseWithResolvers<Invocation> }>();
  #idle: ServerResponse | undefined;
  #next: Waiting | undefined;
  address = '';

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('The stand-in does not listen.');
    this.address = `127.0.0.1:${bound.port}`;
  }

  /** Resolves when the function first asks for an event: it has started. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Bytes of the stored jobs, as DynamoDB counts them. */
  get itemBytes(): number[] {
    return [...this.#items.values()].map(({ bytes }) => bytes);
  }

  /** One at a time, as Lambda does with one execution environment. */
  invoke(event: SQSEvent): Promise<Invocation> {
    const done = Promise.withResolvers<Invocation>();
    this.#next = { event, done };
    this.#deliver();
    return done.promise;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method } = request;
    if (url.endsWith('/invocation/next')) {
      this.#idle = response;
      this.#ready.resolve();
      return this.#deliver();
    }
    const received = performance.now();
    const body = await buffer(request);
    if (url.includes('/runtime/')) return this.#finish(url, body, received, response);
    const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    if (target !== undefined) return this.#answerTable(target, body, response);
    const image = this.images.get(
      decodeURIComponent(url.split('?')[0] ?? '')
        .split('/')
        .slice(2)
        .join('/'),
    );
    if (method !== 'GET' || image === undefined) throw new Error(`Not known: ${method} ${url}`);
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': image.byteLength }).end(image);
  }

  #deliver(): void {
    const [response, waiting] = [this.#idle, this.#next];
    if (response === undefined || waiting === undefined) return;
    this.#idle = undefined;
    this.#next = undefined;
    const id = randomUUID();
    this.#running.set(id, { started: performance.now(), done: waiting.done });
    response.writeHead(200, {
      'Lambda-Runtime-Aws-Request-Id': id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + 30_000),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:classify',
      'Lambda-Runtime-Trace-Id': 'Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0',
    });
    response.end(JSON.stringify(waiting.event));
  }

  #finish(url: string, body: Buffer, received: number, response: ServerResponse): void {
    response.writeHead(202).end();
    const [, id = '', outcome] = /invocation\/([^/]+)\/(\w+)$/.exec(url) ?? [];
    const run = this.#running.get(id);
    if (run === undefined) throw new Error(`The function could not start: ${body}`);
    if (outcome === 'response') {
      run.done.resolve({ milliseconds: received - run.started, answer: JSON.parse(body.toString()) });
    } else {
      run.done.reject(new Error(body.toString()));
    }
  }

  #answerTable(target: string, body: Buffer, response: ServerResponse): void {
    const json: unknown = JSON.parse(body.toString());
    response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0' });
    if (target === 'GetItem') {
      const found = this.#items.get(getItem.parse(json).Key.id.S);
      response.end(JSON.stringify(found === undefined ? {} : { Item: found.json }));
    } else {
      const { Item } = putItem.parse(json);
      this.#items.set(Item.id.S, { json: Item, bytes: sizeOfMap(Item) });
      response.end('{}');
    }
  }
}

const value = z.record(z.string(), z.unknown());

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sizeOfMap(map: Readonly<Record<string, unknown>>): number {
  return Object.entries(map).reduce((sum, [name, typed]) => sum + Buffer.byteLength(name) + sizeOf(typed), 0);
}

function sizeOf(typed: unknown): number {
  const [[type, content] = ['NULL', true]] = Object.entries(value.parse(typed));
  if (type === 'N') return Math.ceil(String(content).length / 2) + 1;
  if (type === 'S') return Buffer.byteLength(String(content));
  if (type === 'M') return 3 + sizeOfMap(value.parse(content));
  if (type === 'L')
    return z
      .array(z.unknown())
      .parse(content)
      .reduce<number>((sum, item) => sum + 1 + sizeOf(item), 3);
  return 1;
}
