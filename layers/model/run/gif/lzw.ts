const MOST_CODES = 4096;
const MOST_BITS = 12;

/**
 * Unpacks a GIF's LZW data (GIF89a specification, appendix F), up to the number of pixels that the frame has; what follows is not read.
 * @param at where the code size stands; sub-blocks follow.
 * @throws {RangeError} where the data ends before or holds a code that is not yet defined.
 */
export function decodeLzw(bytes: Uint8Array, at: number, pixels: number): Uint8Array {
  const rootBits = bytes[at] ?? MOST_BITS;
  if (rootBits >= MOST_BITS) throw new RangeError('The code size is too large');
  const next = codeReader(bytes, at + 1);
  const [clear, end] = [1 << rootBits, (1 << rootBits) + 1];
  // A code's string is that of the code before it and one more pixel: where the string was last written tells both.
  const startOf = new Uint32Array(MOST_CODES);
  const lengthOf = new Uint16Array(MOST_CODES);
  const out = new Uint8Array(pixels);
  let written = 0;
  let codes = end + 1;
  let bits = rootBits + 1;
  let previous = -1;
  while (written < pixels) {
    const code = next(bits);
    if (code === end) throw new RangeError('The frame ends before its last pixel');
    if (code === clear) {
      codes = end + 1;
      bits = rootBits + 1;
      previous = -1;
      continue;
    }
    const isNew = code >= codes;
    if (isNew && (previous < 0 || code > codes || (code === codes && codes >= MOST_CODES)))
      throw new RangeError('A code is not defined');
    const start = written;
    // A code that is just being defined is the string before, and its first pixel again.
    const known = isNew ? previous : code;
    if (known < clear) put(known);
    else copy(startOf[known] ?? 0, lengthOf[known] ?? 0);
    if (isNew) put(out[start] ?? 0);
    if (previous >= 0 && codes < MOST_CODES) {
      startOf[codes] = start - (previous < clear ? 1 : (lengthOf[previous] ?? 0));
      lengthOf[codes] = 1 + (previous < clear ? 1 : (lengthOf[previous] ?? 0));
      codes++;
      if (codes === 1 << bits && bits < MOST_BITS) bits++;
    }
    previous = code;
  }
  return out;

  function put(pixel: number): void {
    if (written < pixels) out[written++] = pixel;
  }
  function copy(from: number, length: number): void {
    const end = Math.min(from + length, from + pixels - written);
    // Most strings are short.
    for (let at = from; at < end; at++) out[written++] = out[at] ?? 0;
  }
}

/** Reads codes of a given number of bits, the lowest first, from sub-blocks of up to 255 bytes. */
function codeReader(bytes: Uint8Array, start: number): (bits: number) => number {
  let at = start;
  let left = 0;
  let buffer = 0;
  let held = 0;
  return (bits) => {
    while (held < bits) {
      if (left === 0) left = bytes[at++] ?? 0;
      if (left === 0 || at >= bytes.length) throw new RangeError('The frame is cut off');
      buffer |= (bytes[at++] ?? 0) << held;
      left--;
      held += 8;
    }
    const code = buffer & ((1 << bits) - 1);
    buffer >>>= bits;
    held -= bits;
    return code;
  };
}
