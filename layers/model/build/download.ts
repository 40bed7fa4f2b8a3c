import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256OfFile } from './digest.ts';
import type { Artefact } from './manifest.ts';

/** Bytes of a file that are there, of how many. */
export interface Progress {
  readonly file: string;
  readonly received: number;
  readonly total: number;
}

export interface DownloadOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** How often a transfer is begun or resumed before it is given up. */
  readonly attempts?: number;
  /** Pause before the second attempt in milliseconds; it doubles with each further one. */
  readonly pauseMs?: number;
}

/** A published file could not be fetched, or is not the one that the manifest names. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

/**
 * Fetches a published file to `path`, unless it is there already. What has been received is kept under `path.part`: a broken transfer
 * goes on from there (RFC 9110, section 14.2), in this run or the next. The file gets its name once its digest is right.
 * @throws {DownloadError} when no attempt succeeded or the digest differs.
 */
export async function download(
  artefact: Artefact,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  if ((await sizeOf(path)) === artefact.bytes && (await sha256OfFile(path)) === artefact.sha256) return;
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await fetchWhole(artefact, part, options);
  const digest = await sha256OfFile(part);
  if (digest !== artefact.sha256) {
    await rm(part);
    throw new DownloadError(`${artefact.url} has the SHA-256 ${digest}, not ${artefact.sha256} as expected.`);
  }
  await rename(part, path);
}

async function fetchWhole(artefact: Artefact, part: string, options: DownloadOptions): Promise<void> {
  const { attempts = 3, pauseMs = 500 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchRest(artefact, part, options.onProgress);
      return;
    } catch (cause) {
      if (attempt >= attempts)
        throw new DownloadError(`${artefact.url} cannot be fetched: ${reason(cause)}.`, { cause });
      await sleep(pauseMs * 2 ** (attempt - 1));
    }
  }
}

/** One transfer, of what is still missing. */
async function fetchRest(
  artefact: Artefact,
  part: string,
  onProgress: DownloadOptions['onProgress'],
): Promise<void> {
  let received = await sizeOf(part);
  if (received === artefact.bytes) return;
  if (received > artefact.bytes) received = 0;
  const headers: Record<string, string> = received > 0 ? { range: `bytes=${received}-` } : {};
  const response = await fetch(artefact.url, { headers, signal: AbortSignal.timeout(10 * 60_000) });
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  // A server may ignore the range and answer with the whole file.
  const resumed = response.status === 206;
  if (!resumed) received = 0;
  const count = new Transform({
    transform(chunk: Uint8Array, _, done) {
      received += chunk.byteLength;
      onProgress?.({ file: artefact.file, received, total: artefact.bytes });
      done(received > artefact.bytes ? new Error('it is longer than expected') : null, chunk);
    },
  });
  await pipeline(
    Readable.from(response.body),
    count,
    createWriteStream(part, { flags: resumed ? 'a' : 'w' }),
  );
  if (received !== artefact.bytes) throw new Error(`it ended after ${received} of ${artefact.bytes} bytes`);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
