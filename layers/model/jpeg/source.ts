/** The kernel's functions that take a file's bytes. */
interface Taker {
  giveSource(at: number, end: number, isWhole: number): number;
  sourceLeft(): number;
}

/** A place in the kernel's memory for a part of a file. */
interface Place {
  readonly memory: Uint8Array;
  readonly at: number;
  readonly room: number;
  /** The most bytes that the kernel takes before `fill` is called again. */
  readonly most: number;
}

/** Hands a file to the kernel part by part. */
export class Source {
  readonly #kernel: Taker;
  readonly #place: Place;
  readonly #bytes: Uint8Array;
  /** Where in the file the bytes begin that the kernel does not have. */
  #next = 0;

  constructor(kernel: Taker, place: Place, bytes: Uint8Array) {
    this.#kernel = kernel;
    this.#place = place;
    this.#bytes = bytes;
  }

  /** Begins with the file's bytes from `from` on. */
  start(from: number): void {
    const { memory, at, room } = this.#place;
    const part = this.#bytes.subarray(from, from + room);
    memory.set(part, at);
    this.#next = from + part.byteLength;
    this.#kernel.giveSource(at, at + part.byteLength, this.#next === this.#bytes.byteLength ? 1 : 0);
  }

  /** Makes sure that the kernel has enough bytes, or all that are left. */
  fill(): void {
    const isLow = this.#kernel.sourceLeft() < this.#place.most;
    if (isLow && this.#next < this.#bytes.byteLength) this.start(this.position);
  }

  /** Where in the file the first byte is that the kernel has not taken. */
  get position(): number {
    return this.#next - this.#kernel.sourceLeft();
  }
}
