import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer, json } from 'node:stream/consumers';
import * as z from 'zod';

const keyed = z.looseObject({ id: z.object({ S: z.string() }) });
const putItem = z.object({ Item: keyed });
const getItem = z.object({ Key: keyed });

/**
 * The little of S3 and DynamoDB that the classify function needs, in this process: `GetObject`, and `GetItem` and `PutItem` without
 * conditions. It answers in well under a millisecond, so that the figures show the function.
 */
export class AwsStandIn implements AsyncDisposable {
  readonly images = new Map<string, Uint8Array>();
  readonly #items = new Map<string, unknown>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  static async listen(): Promise<AwsStandIn> {
    const made = new AwsStandIn();
    made.#server.listen(0, '127.0.0.1');
    await once(made.#server, 'listening');
    return made;
  }

  get url(): string {
    const bound = this.#server.address();
    return `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.headers['x-amz-target'];
    if (target !== undefined) {
      response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(this.#answerTable(String(target), await json(request))));
      return;
    }
    await buffer(request);
    // The path is /bucket/key.
    const key = decodeURIComponent(
      new URL(request.url ?? '', this.url).pathname.split('/').slice(2).join('/'),
    );
    const image = this.images.get(key);
    if (image === undefined) throw new Error(`Not known: ${request.method} ${request.url}`);
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': image.byteLength }).end(image);
  }

  #answerTable(target: string, body: unknown): unknown {
    if (target.endsWith('.GetItem')) {
      const item = this.#items.get(getItem.parse(body).Key.id.S);
      return item === undefined ? {} : { Item: item };
    }
    const { Item } = putItem.parse(body);
    this.#items.set(Item.id.S, Item);
    return {};
  }
}
