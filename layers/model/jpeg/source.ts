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
  #bytes: Uint8Array = new Uint8Array();
  /** Where in the file the bytes begin that the kernel does not have. */
  #next = 0;

  constructor(kernel: Taker, place: Place) {
    this.#kernel = kernel;
    this.#place = place;
  }

  /** Begins with a file's bytes from `start` on. */
  start(bytes: Uint8Array, start: number): void {
    this.#bytes = bytes;
    this.#next = start;
    this.#give(start);
  }

  /** Makes sure that the kernel has enough bytes, or all that are left. */
  fill(): void {
    const left = this.#kernel.sourceLeft();
    if (left < this.#place.most && this.#next < this.#bytes.byteLength) this.#give(this.#next - left);
  }

  #give(from: number): void {
    const { memory, at, room } = this.#place;
    const part = this.#bytes.subarray(from, from + room);
    memory.set(part, at);
    this.#next = from + part.byteLength;
    this.#kernel.giveSource(at, at + part.byteLength, this.#next === this.#bytes.byteLength ? 1 : 0);
  }
}
