import { hash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DownloadError, download, type Progress } from '../../../layers/model/build/download.ts';
import { progressBar } from '../../../layers/model/build/progress.ts';

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('download', () => {
  let folder: string;
  let path: string;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });

  beforeEach(async () => {
    ranges.length = 0;
    folder = await mkdtemp(join(tmpdir(), 'download-'));
    path = join(folder, 'weights.h5');
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address?.port}/weights.h5`;
    answer = serve;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await rm(folder, { recursive: true });
  });

  /** As object storage answers, with ranges. */
  function serve({ headers: { range } }: IncomingMessage, response: ServerResponse): void {
    const from = Number(range?.match(/^bytes=(\d+)-$/)?.[1] ?? 0);
    response.writeHead(range ? 206 : 200, { 'content-length': content.length - from });
    response.end(content.subarray(from));
  }

  /** Sends `bytes` bytes of what was asked for and breaks the connection, `times` times; then serves as it should. */
  function breakOff(bytes: number, times: number): typeof serve {
    let left = times;
    return (request, response) => {
      if (left-- <= 0) return serve(request, response);
      const from = Number(request.headers.range?.match(/\d+/)?.[0] ?? 0);
      response.writeHead(request.headers.range ? 206 : 200, { 'content-length': content.length - from });
      response.write(content.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 50));
    };
  }

  const artefact = () => ({
    file: 'weights.h5',
    url,
    bytes: content.length,
    sha256: hash('sha256', content),
  });
  const fetchIt = (onProgress?: (progress: Progress) => void) =>
    download(artefact(), path, { pauseMs: 1, onProgress });

  test('writes the file and reports how far it is', async () => {
    const seen: Progress[] = [];
    await fetchIt((progress) => seen.push(progress));
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(seen.at(-1)).toEqual({ file: 'weights.h5', received: content.length, total: content.length });
    expect(await exists(`${path}.part`)).toBe(false);
  });

  test('does not fetch again what is there', async () => {
    await fetchIt();
    await fetchIt();
    expect(ranges).toHaveLength(1);
  });

  test('fetches again what is there but damaged', async () => {
    await writeFile(path, Buffer.alloc(content.length));
    await fetchIt();
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
  });

  test('goes on where a transfer broke off, as often as it takes', async () => {
    answer = breakOff(100_000, 2);
    await fetchIt();
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(ranges).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
  });

  test('goes on in the next run, after all attempts broke off', async () => {
    answer = breakOff(10_000, 3);
    await expect(fetchIt()).rejects.toThrow(DownloadError);
    expect(await exists(path)).toBe(false);
    await fetchIt();
    expect(ranges.at(-1)).toBe('bytes=30000-');
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
  });

  test('starts from the beginning where the server ignores the range', async () => {
    await writeFile(`${path}.part`, content.subarray(0, 5000));
    answer = (_, response) => response.end(content);
    await fetchIt();
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
  });

  test('throws away what has another digest, and says so', async () => {
    answer = (_, response) => response.end(Buffer.alloc(content.length));
    await expect(fetchIt()).rejects.toThrow(/has the SHA-256 [0-9a-f]{64}, not [0-9a-f]{64} as expected/);
    expect(await exists(path)).toBe(false);
    expect(await exists(`${path}.part`)).toBe(false);
  });

  test('tries again after a 5xx, and gives up in the end', async () => {
    answer = (_, response) => response.writeHead(503).end();
    await expect(fetchIt()).rejects.toThrow(/cannot be fetched: the server answered 503/);
    expect(ranges).toHaveLength(3);
  });

  test('says that the server cannot be reached', async () => {
    const offline = { ...artefact(), url: 'http://127.0.0.1:9/weights.h5' };
    await expect(download(offline, path, { pauseMs: 1, attempts: 2 })).rejects.toThrow(/cannot be fetched/);
  });

  test('stops at a file longer than expected', async () => {
    answer = (_, response) => response.end(Buffer.concat([content, content]));
    await expect(fetchIt()).rejects.toThrow(DownloadError);
    expect(await exists(path)).toBe(false);
  });
});

describe('progressBar', () => {
  function drawn(isTTY: boolean): string {
    let text = '';
    const draw = progressBar({ isTTY, write: (part) => (text += part) });
    for (const received of [0, 5 * 2 ** 20, 10 * 2 ** 20])
      draw({ file: 'weights.h5', received, total: 10 * 2 ** 20 });
    return text;
  }

  test('draws over one line on a terminal and ends it', () => {
    expect(drawn(true)).toMatch(/\r.*0 % of 10\.0 MiB {2}weights\.h5\r.*50 %.*\r.*100 %.*\n$/);
  });

  test('writes one line a file elsewhere', () => {
    expect(drawn(false)).toBe('Fetching weights.h5, 10.0 MiB\n');
  });
});
