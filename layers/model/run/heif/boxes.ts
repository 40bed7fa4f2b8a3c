/** A box of an ISO base media file (ISO/IEC 14496-12, section 4.2): its type and what it holds. */
export interface Box {
  readonly type: string;
  readonly data: DataView;
}

/** The boxes that lie beside each other in a part of a file. A box that is cut off ends where the part does. */
export function* readBoxes(part: DataView): Generator<Box> {
  for (let at = 0; at + 8 <= part.byteLength; ) {
    const short = part.getUint32(at);
    const isLong = short === 1 && at + 16 <= part.byteLength;
    const header = isLong ? 16 : 8;
    const size = isLong ? Number(part.getBigUint64(at + 8)) : short;
    // No size: the box reaches to the end of the file.
    const end = size === 0 ? part.byteLength : Math.min(at + size, part.byteLength);
    if (end < at + header) return;
    yield { type: fourCharacters(part, at + 4), data: slice(part, at + header, end) };
    at = end;
  }
}

export function fourCharacters(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
}

/** @throws {RangeError} where the part does not reach so far. */
export function slice(part: DataView, from: number, end: number): DataView {
  if (from > end || end > part.byteLength) throw new RangeError('A box is cut off');
  return new DataView(part.buffer, part.byteOffset + from, end - from);
}

/** Reads numbers one after the other, as boxes and bit streams hold them. */
export class BitReader {
  readonly #view: DataView;
  #bit = 0;

  constructor(view: DataView) {
    this.#view = view;
  }

  /** Reads an unsigned number of at most 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      const offset = this.#bit & 7;
      const taken = Math.min(left, 8 - offset);
      const byte = this.#view.getUint8(this.#bit >> 3);
      value = value * 2 ** taken + ((byte >> (8 - offset - taken)) & ((1 << taken) - 1));
      this.#bit += taken;
      left -= taken;
    }
    return value;
  }

  skip(count: number): void {
    this.#bit += count;
  }

  /** Reads an unsigned Exp-Golomb code (ITU-T H.265, section 9.2). */
  golomb(): number {
    let zeros = 0;
    while (this.bits(1) === 0) if (++zeros > 31) throw new RangeError('A code is too long');
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** Reads a number of so many bytes. */
  bytes(count: number): number {
    return count > 4 ? this.bits((count - 4) * 8) * 2 ** 32 + this.bits(32) : this.bits(count * 8);
  }
}
