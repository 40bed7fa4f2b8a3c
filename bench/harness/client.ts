import { Agent, request } from 'node:http';
import * as z from 'zod';
import { multipart, multipartType, type Photo } from './photos.ts';

const answer = z.array(z.object({ label: z.string(), score: z.number() }));
export type Answer = z.infer<typeof answer>;

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** The header `Server-Timing`. */
  readonly timing: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string | URL;
  readonly type?: string;
  readonly body?: Uint8Array | string;
}

/** The least that sends a request: less of the two cores goes to it than to `fetch`. */
export function send(
  agent: Agent | undefined,
  { method, url, type, body = '' }: HttpRequest,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Length': Buffer.byteLength(body), ...(type && { 'Content-Type': type }) };
    const options = { method, headers, timeout: 60_000, ...(agent && { agent }) };
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const timing = String(response.headers['server-timing'] ?? '');
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), timing });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('No answer within a minute.')));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** One image in, the answer out. @throws {Error} where it is not 200. */
export async function predict(url: string, photo: Photo, agent?: Agent): Promise<Answer> {
  const body = multipart(photo);
  const { status, body: text } = await send(agent, {
    method: 'POST',
    url: new URL('predict', url),
    type: multipartType,
    body,
  });
  if (status !== 200) throw new Error(`${photo.name}: ${status} ${text.slice(0, 200)}`);
  return answer.parse(JSON.parse(text));
}

export function keepAlive(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/** Runs `work` for each item, `width` at a time. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
