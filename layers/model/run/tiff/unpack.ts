import { inflateSync } from 'node:zlib';

const [NONE, LZW, DEFLATE, OLD_DEFLATE, PACK_BITS] = [1, 5, 8, 32946, 32773];

/** Whether {@link unpack} reads blocks of this compression. */
export function isUnpacked(compression: number): boolean {
  return [NONE, LZW, DEFLATE, OLD_DEFLATE, PACK_BITS].includes(compression);
}

/**
 * Unpacks a strip or tile (TIFF 6.0, sections 9 and 13; technical note 2 of Adobe for Deflate).
 * @param bytes how many are wanted; what the block has beyond is not unpacked.
 * @throws {Error} where there are fewer, or the block is damaged.
 */
export function unpack(block: Uint8Array, compression: number, bytes: number): Uint8Array {
  const unpacked = unpackAll(block, compression, bytes);
  if (unpacked.length < bytes) throw new RangeError('A strip or tile is cut off');
  return unpacked.subarray(0, bytes);
}

function unpackAll(block: Uint8Array, compression: number, bytes: number): Uint8Array {
  switch (compression) {
    case LZW:
      return unpackLzw(block, bytes);
    case PACK_BITS:
      return unpackRuns(block, bytes);
    case DEFLATE:
    case OLD_DEFLATE:
      return inflateSync(block, { maxOutputLength: bytes + 65_536 });
    default:
      return block;
  }
}

/** A run of 1 to 128 bytes as they are, or of one byte 2 to 128 times (PackBits). */
function unpackRuns(block: Uint8Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let written = 0;
  for (let at = 0; written < bytes && at < block.length; ) {
    const head = block[at++] ?? 128;
    if (head < 128) {
      const run = block.subarray(at, at + Math.min(head + 1, bytes - written));
      out.set(run, written);
      written += run.length;
      at += head + 1;
    } else if (head > 128) {
      const run = Math.min(257 - head, bytes - written);
      out.fill(block[at++] ?? 0, written, written + run);
      written += run;
    }
  }
  return out.subarray(0, written);
}

const [CLEAR, END, FIRST] = [256, 257, 258];
const MOST_CODES = 4096;

/** LZW of TIFF: codes begin at the highest bit, and grow one code earlier than those of GIF. */
function unpackLzw(block: Uint8Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  const startOf = new Uint32Array(MOST_CODES);
  const lengthOf = new Uint32Array(MOST_CODES);
  let [written, codes, bits, previousAt, previousLength] = [0, FIRST, 9, 0, 0];
  let [at, buffer, held] = [0, 0, 0];
  while (written < bytes) {
    while (held < bits) {
      if (at >= block.length) return out.subarray(0, written);
      buffer = ((buffer << 8) | (block[at++] ?? 0)) & 0xff_ffff;
      held += 8;
    }
    held -= bits;
    const code = (buffer >> held) & ((1 << bits) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      [codes, bits, previousLength] = [FIRST, 9, 0];
      continue;
    }
    if (code > codes || (code >= codes && previousLength === 0))
      throw new RangeError('An LZW code is not defined');
    const start = written;
    if (code < CLEAR) out[written++] = code;
    else {
      // A code that is just being defined is the string before, and its first byte again, which follows it.
      const [from, length] =
        code < codes ? [startOf[code] ?? 0, lengthOf[code] ?? 0] : [previousAt, previousLength + 1];
      for (let i = 0; i < length && written < bytes; i++) out[written++] = out[from + i] ?? 0;
    }
    if (previousLength > 0 && codes < MOST_CODES) {
      startOf[codes] = previousAt;
      lengthOf[codes++] = previousLength + 1;
      if (codes + 1 === 1 << bits && bits < 12) bits++;
    }
    [previousAt, previousLength] = [start, code < CLEAR ? 1 : lengthAt(code)];
  }
  return out.subarray(0, written);

  function lengthAt(code: number): number {
    return lengthOf[code] ?? 0;
  }
}
