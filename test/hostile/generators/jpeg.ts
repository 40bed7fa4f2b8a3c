/** A marker segment: its marker's second byte and what it holds (ITU-T T.81, B.1.1.4). */
function segment(marker: number, data: readonly number[]): Buffer {
  const length = data.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...data]);
}

/** Collects bits, the highest first, with a 0 byte behind each 0xFF. */
class BitWriter {
  readonly #bytes: number[] = [];
  #held = 0;
  #count = 0;

  write(value: number, bits: number): void {
    for (let bit = bits - 1; bit >= 0; bit--) {
      this.#held = (this.#held << 1) | ((value >> bit) & 1);
      if (++this.#count === 8) this.#flush();
    }
  }

  finish(): Buffer {
    while (this.#count > 0) this.write(1, 1);
    return Buffer.from(this.#bytes);
  }

  #flush(): void {
    this.#bytes.push(this.#held);
    if (this.#held === 0xff) this.#bytes.push(0);
    this.#held = 0;
    this.#count = 0;
  }
}

/** Run lengths of blocks that are at their end: EOB0 to EOB14 (T.81, G.1.2.2), each with a code of four bits. */
const ends = Array.from({ length: 15 }, (_, index) => index << 4);
const endTable = segment(0xc4, [0x10, 0, 0, 0, 15, ...Array(12).fill(0), ...ends]);
/** The difference 0 with the code 0. */
const differenceTable = segment(0xc4, [0x00, 1, ...Array(15).fill(0), 0]);

/** Coefficients of a block that a scan codes, and which of their bits. */
interface Band {
  readonly from: number;
  readonly to: number;
  readonly approximation: number;
}

/** A scan of one component in which each of its blocks is empty, in a few bytes. */
function emptyScan(component: number, { from, to, approximation }: Band, blocks: number): Buffer {
  const bits = new BitWriter();
  for (let left = blocks; left > 0; ) {
    const size = Math.min(14, Math.floor(Math.log2(left)));
    const run = Math.min(left, 2 ** (size + 1) - 1);
    bits.write(size, 4);
    bits.write(run - 2 ** size, size);
    left -= run;
  }
  const header = segment(0xda, [1, component, 0x00, from, to, approximation]);
  return Buffer.concat([header, bits.finish()]);
}

/**
 * A valid progressive JPEG, grey all over, with as many scans as are asked for: one for each coefficient and each of its bits, as the
 * format allows, 4 to 2,500 of them.
 */
export function manyScans(width: number, height: number, scans: number): Buffer {
  const bands = Array.from({ length: 63 }, (_, index) => [index + 1, index + 1] as const);
  return progressive(width, height, scans, bands);
}

/** The same with scans of all 63 coefficients, up to 43 of them: a decoder that refines their bits looks at each. */
export function wideScans(width: number, height: number, scans: number): Buffer {
  return progressive(width, height, scans, [[1, 63]]);
}

function progressive(
  width: number,
  height: number,
  scans: number,
  bands: readonly (readonly [from: number, to: number])[],
): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const first = new BitWriter();
  for (let block = 0; block < blocks * 3; block++) first.write(0, 1);
  const others: Buffer[] = [];
  for (let high = 14; high > 0; high--) {
    const approximation = high === 14 ? 13 : (high << 4) | (high - 1);
    for (const [from, to] of bands) {
      for (let component = 1; component <= 3 && others.length < scans - 1; component++)
        others.push(emptyScan(component, { from, to, approximation }, blocks));
    }
  }
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, ...Array(64).fill(1)]),
    segment(0xc2, [8, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    differenceTable,
    endTable,
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0]),
    first.finish(),
    ...others,
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** A JPEG with `count` segments that every decoder passes over, before its own. */
export function manySegments(jpeg: Uint8Array, marker: number, count: number, bytes = 2): Buffer {
  const skipped = segment(marker, Array(bytes).fill(0x20));
  return Buffer.concat([jpeg.subarray(0, 2), ...Array<Buffer>(count).fill(skipped), jpeg.subarray(2)]);
}
