import { createHash } from 'node:crypto';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { type Coding, chooseCoding, compress, isWorthCompressing } from '../shared/http/compression.ts';
import type { Route } from '../shared/http/handler.ts';
import type { HttpRequest } from '../shared/http/request.ts';
import type { HttpHeaders } from '../shared/http/response.ts';

export interface StaticDocument {
  readonly body: Buffer;
  readonly headers: HttpHeaders & { readonly 'Content-Type': string };
  /** The body as the build has compressed it. */
  readonly compressed?: Readonly<Partial<Record<Coding, Buffer>>>;
}

/** Calls a function once, and again only after it failed. */
export function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let making: Promise<Result> | undefined;
  return () => {
    making ??= make().catch((error: unknown) => {
      making = undefined;
      throw error;
    });
    return making;
  };
}

/** Answers with a document that changes only with a new deployment. It is made on the first request. */
export function staticDocument(make: () => Promise<StaticDocument>): Route {
  const document = once(async () => new Cacheable(await make()));
  return async (request) => (await document()).answer(request);
}

/** A JSON document that clients may cache for five minutes. */
export function jsonDocument(make: () => unknown): Route {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' };
  return staticDocument(async () => ({ body: Buffer.from(JSON.stringify(make())), headers }));
}

/** A document that clients revalidate by its `ETag`. Each compressed form is made once, and has a tag of its own (RFC 9110, 8.8.3). */
export class Cacheable {
  readonly #document: StaticDocument;
  readonly #digest: string;
  /** Bodies in base64, as a Lambda answers them. */
  readonly #bodies = new Map<Coding | undefined, Promise<string>>();

  constructor(document: StaticDocument) {
    this.#document = document;
    this.#digest = createHash('sha256').update(document.body).digest('base64url').slice(0, 22);
  }

  async answer(request: HttpRequest): Promise<APIGatewayProxyResult> {
    const { headers, body } = this.#document;
    const varies = isWorthCompressing(headers['Content-Type'], body.length);
    const coding = varies ? chooseCoding(request.header('Accept-Encoding')) : undefined;
    const tag = `"${this.#digest}${coding === undefined ? '' : `-${coding}`}"`;
    const cached = { ...headers, ETag: tag, ...(varies && { Vary: 'Accept-Encoding' }) };
    if (matches(request.header('If-None-Match'), tag)) return { statusCode: 304, headers: cached, body: '' };
    return {
      statusCode: 200,
      headers: { ...cached, ...(coding && { 'Content-Encoding': coding }) },
      body: await this.#bodyIn(coding),
      isBase64Encoded: true,
    };
  }

  #bodyIn(coding: Coding | undefined): Promise<string> {
    const body = this.#bodies.get(coding) ?? this.#encode(coding);
    this.#bodies.set(coding, body);
    return body;
  }

  async #encode(coding: Coding | undefined): Promise<string> {
    const { body, compressed } = this.#document;
    const bytes =
      coding === undefined ? body : (compressed?.[coding] ?? (await compress(body, coding, 'document')));
    return bytes.toString('base64');
  }
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
}
