import { readFileSync } from 'node:fs';
import type { StoredImage } from '../../functions/shared/ports.ts';

/** An image as a file; it is read when its bytes are asked for, in the process that asks. */
export class FileImage implements StoredImage {
  readonly path: string;
  #bytes: Uint8Array | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Reads at once: hand-overs to other threads take longer than reading what was written a moment ago. */
  get bytes(): Uint8Array {
    this.#bytes ??= readFileSync(this.path);
    return this.#bytes;
  }
}
