import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Where results go. A slow reader at the other end is waited for. */
export class Writer {
  readonly #stream: Writable;

  private constructor(stream: Writable) {
    this.#stream = stream;
  }

  static toStandardOutput(): Writer {
    return new Writer(process.stdout);
  }

  /** Writes to a file, behind its first `bytes` bytes: whatever else it holds goes. */
  static async toFile(path: string, bytes: number): Promise<Writer> {
    const file = await open(path, bytes > 0 ? 'r+' : 'w');
    await file.truncate(bytes);
    await file.close();
    const stream = createWriteStream(path, { flags: 'r+', start: bytes });
    await once(stream, 'open');
    return new Writer(stream);
  }

  async write(text: string): Promise<void> {
    if (text !== '' && !this.#stream.write(text)) await once(this.#stream, 'drain');
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    if (this.#stream === process.stdout) return;
    this.#stream.end();
    await finished(this.#stream);
  }
}
