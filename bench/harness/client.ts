import { Agent, request } from 'node:http';
import * as z from 'zod';
import { multipart, multipartType, type Photo } from './photos.ts';

const answer = z.array(z.object({ label: z.string(), score: z.number() }));

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** The least that sends a request: less of the processors goes to it than to `fetch`. */
export function send(
  agent: Agent | undefined,
  { method, url, headers, body = '' }: HttpRequest,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const options = { method, timeout: 60_000, ...(agent && { agent }) };
    const length = { 'Content-Length': Buffer.byteLength(body) };
    const sent = request(url, { ...options, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error('No answer within a minute.')));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Posts a photo to `/predict`; resolves to the body of the answer. @throws {Error} where its status is not the one wanted. */
export async function post(
  url: string,
  photo: Photo,
  { agent, prefer, wanted = 200 }: { agent?: Agent; prefer?: string; wanted?: number } = {},
): Promise<string> {
  const headers = { 'Content-Type': multipartType, ...(prefer && { Prefer: prefer }) };
  const request = { method: 'POST', url: new URL('predict', url), headers, body: multipart(photo) } as const;
  const { status, body } = await send(agent, request);
  if (status !== wanted) throw new Error(`${photo.name}: ${status} ${body.slice(0, 200)}`);
  return body;
}

/** One image in, its labels out. */
export async function predict(url: string, photo: Photo, agent?: Agent): Promise<z.infer<typeof answer>> {
  return answer.parse(JSON.parse(await post(url, photo, agent && { agent })));
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
