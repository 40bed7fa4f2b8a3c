import type { IncomingMessage } from 'node:http';
import { Problem } from '../../functions/shared/errors.ts';
import { drain } from './drain.ts';

/** Bytes that all requests under way may hold together. */
const mostBytes = 512 * 1024 * 1024;

export interface HeldBody extends Disposable {
  readonly body: Buffer;
}

/** Reads the bodies of requests into memory, no more of them at once than fit. */
export class BodyReader {
  readonly #most: number;
  #held = 0;

  constructor(most = mostBytes) {
    this.#most = most;
  }

  /**
   * Reads a body of at most `limit` bytes. They count as held until what this resolves to is disposed of.
   * @throws {Problem} `image_too_large`, or `busy` where other bodies take all the room.
   */
  async read(request: IncomingMessage, limit: number): Promise<HeldBody> {
    let bytes = 0;
    const release = () => {
      this.#held -= bytes;
      bytes = 0;
    };
    const chunks: Buffer[] = [];
    const fits = (chunk: Buffer) => {
      bytes += chunk.length;
      this.#held += chunk.length;
      chunks.push(chunk);
      return bytes <= limit && this.#held <= this.#most;
    };
    try {
      if (await collect(request, fits))
        return { body: Buffer.concat(chunks, bytes), [Symbol.dispose]: release };
      chunks.length = 0;
      const problem = bytes > limit ? tooLarge(limit) : noRoom();
      release();
      await drain(request);
      throw problem;
    } catch (error) {
      release();
      throw error;
    }
  }
}

/**
 * Resolves to whether all chunks fitted. It listens for them: iterating over a stream joins those that have gathered, only to have
 * them joined again.
 */
async function collect(request: IncomingMessage, fits: (chunk: Buffer) => boolean): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const take = (chunk: Buffer) => {
    if (!fits(chunk)) resolve(false);
  };
  request
    .on('data', take)
    .once('end', () => resolve(true))
    .once('error', reject);
  try {
    return await promise;
  } finally {
    request.off('data', take);
  }
}

function tooLarge(limit: number): Problem {
  const detail = `A request takes up to ${Math.floor(limit / 1024 ** 2)} MiB. Send a smaller image.`;
  return new Problem('image_too_large', detail);
}

function noRoom(): Problem {
  const detail = 'Other uploads take all the memory there is for them. Try again in 2 seconds.';
  return new Problem('busy', detail, { headers: { 'Retry-After': '2' } });
}
