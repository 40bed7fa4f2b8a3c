import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ImageFile } from '../../layers/model/run/decode.ts';

/** Where an image lies on the disk: the server hands on no more, and the process that classifies it reads it. */
export interface ImagePath {
  readonly path: string;
  /** The image itself, where it does not lie there yet. */
  readonly bytes?: Uint8Array;
}

/** Of this size a buffer is kept for the next image: to get one from the system takes longer than to read a photo into it. */
const spareBytes = 512 * 1024;

/** Reads images, one after the other or several at once. */
export class ImageReader {
  #spare: Buffer | undefined;

  /**
   * Reads a file at once: hand-overs to other threads take longer than reading what was written a moment ago. The bytes must not be used
   * once the image is disposed of.
   */
  read(path: string): Required<ImageFile> & Disposable {
    const bytes = this.#readWhole(path);
    return { path, bytes, [Symbol.dispose]: () => this.#giveBack(bytes) };
  }

  #readWhole(path: string): Buffer {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const buffer = this.#takeBuffer(size);
      let bytes = 0;
      while (bytes < size) {
        const read = readSync(file, buffer, bytes, size - bytes, null);
        if (read === 0) break;
        bytes += read;
      }
      return buffer.subarray(0, bytes);
    } finally {
      closeSync(file);
    }
  }

  #takeBuffer(size: number): Buffer {
    if (size > spareBytes) return Buffer.allocUnsafeSlow(size);
    const taken = this.#spare ?? Buffer.allocUnsafeSlow(spareBytes);
    this.#spare = undefined;
    return taken;
  }

  #giveBack({ buffer }: Buffer): void {
    if (buffer.byteLength === spareBytes) this.#spare = Buffer.from(buffer);
  }
}
