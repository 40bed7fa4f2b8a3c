import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { StoredImage } from '../../functions/shared/ports.ts';

/** A buffer of this size is kept for the next image: to get one from the system takes longer than to read a photo into it. */
const spareBytes = 512 * 1024;
let spare: Buffer | undefined;

/** An image as a file; it is read when its bytes are asked for, in the process that asks. They are not to be used once it is disposed of. */
export class FileImage implements StoredImage, Disposable {
  readonly path: string;
  #bytes: Buffer | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Reads at once: hand-overs to other threads take longer than reading what was written a moment ago. */
  get bytes(): Uint8Array {
    this.#bytes ??= readWhole(this.path);
    return this.#bytes;
  }

  [Symbol.dispose](): void {
    if (this.#bytes?.buffer.byteLength === spareBytes) spare = Buffer.from(this.#bytes.buffer);
    this.#bytes = undefined;
  }
}

function readWhole(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer = takeBuffer(size);
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

function takeBuffer(size: number): Buffer {
  if (size > spareBytes) return Buffer.allocUnsafeSlow(size);
  const taken = spare ?? Buffer.allocUnsafeSlow(spareBytes);
  spare = undefined;
  return taken;
}
