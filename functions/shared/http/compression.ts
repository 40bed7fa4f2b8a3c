/// <reference path="./negotiator.d.ts" />
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import Negotiator from 'negotiator';
import type { HttpAnswer } from './handler.ts';

/** The content codings of answers, best first. */
export const codings = ['br', 'gzip'] as const;
export type Coding = (typeof codings)[number];

const fewestBytes = 2048;
const compressible = /^(text\/(?!event-stream)|application\/(.+\+)?json\b|image\/svg\+xml\b)/;

/** Whether compressing makes it smaller by more than the compressing costs. Images are compressed by themselves. */
export function isWorthCompressing(type: string, bytes: number): boolean {
  return bytes >= fewestBytes && compressible.test(type);
}

/**
 * The coding that a client likes best (RFC 9110, section 12.5.3). A client that accepts nothing at all, not even the content as it is, gets it
 * as it is: that says more than an error.
 */
export function chooseCoding(acceptEncoding: string | undefined): Coding | undefined {
  if (acceptEncoding === undefined) return undefined;
  const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } });
  const [best] = negotiator.encodings([...codings, 'identity'], { preferred: codings });
  return codings.find((coding) => coding === best);
}

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

/** How much time to spend: on an answer to one request, on what many get, or at a build. */
export type Effort = 'answer' | 'document' | 'build';
const quality = { answer: 4, document: 9, build: 10 } as const;

export function compress(bytes: Uint8Array, coding: Coding, effort: Effort): Promise<Buffer> {
  if (coding === 'gzip') return gzip(bytes, { level: effort === 'answer' ? 6 : 9 });
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  const params = { [BROTLI_PARAM_QUALITY]: quality[effort], [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotli(bytes, { params });
}

/** Compresses a text of some size as its client likes it. What already is in bytes, and streams, stay as they are. */
export async function compressAnswer(
  answer: HttpAnswer,
  acceptEncoding: string | undefined,
): Promise<HttpAnswer> {
  const { body, headers, isBase64Encoded, stream } = answer;
  const isText = !isBase64Encoded && stream === undefined;
  if (!isText || !isWorthCompressing(String(headers?.['Content-Type'] ?? ''), body.length)) return answer;
  const varying = { ...headers, Vary: 'Accept-Encoding' };
  const coding = chooseCoding(acceptEncoding);
  if (coding === undefined) return { ...answer, headers: varying };
  const compressed = await compress(Buffer.from(body), coding, 'answer');
  return {
    ...answer,
    headers: { ...varying, 'Content-Encoding': coding },
    body: compressed.toString('base64'),
    isBase64Encoded: true,
  };
}
