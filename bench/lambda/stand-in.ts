import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';

const itemSchema = z.looseObject({ id: z.object({ S: z.string() }) });
const putItem = z.object({ Item: itemSchema });
const getItem = z.object({ Key: itemSchema });

/**
 * The little of S3 and DynamoDB that the classify function needs, in this process: `GetObject`, and `GetItem` and `PutItem` without
 * conditions. It answers in well under a millisecond, so that the figures show the function.
 */
export class AwsStandIn {
  readonly images = new Map<string, Uint8Array>();
  readonly #server: Server;
  readonly #items = new Map<string, { json: unknown; bytes: number }>();
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

  /** Bytes of the stored jobs, as DynamoDB counts them. */
  get itemBytes(): number[] {
    return [...this.#items.values()].map(({ bytes }) => bytes);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method } = request;
    const body = await buffer(request);
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
