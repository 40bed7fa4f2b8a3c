import { BitReader } from './boxes.ts';

/** What decoding an AV1 stream takes: the largest frame that it may hold, and how many. */
export interface CodedFrames {
  readonly pixels: number;
  readonly frames: number;
}

const SEQUENCE_HEADER = 1;
const FRAME_HEADER = 3;
const FRAME = 6;

/**
 * Counts the frames of an AV1 stream by its OBU headers (AV1 specification, section 5.3), and reads the largest frame size from its
 * sequence headers.
 */
export function readAv1(stream: Uint8Array): CodedFrames {
  let [pixels, frames, at] = [0, 0, 0];
  while (at < stream.length) {
    const header = stream[at++] ?? 0;
    const type = (header >> 3) & 15;
    if (header & 4) at++;
    const size = header & 2 ? readSize(stream, at) : { value: stream.length - at, end: at };
    if (type === SEQUENCE_HEADER) {
      const data = stream.subarray(size.end, size.end + size.value);
      pixels = Math.max(pixels, readFrameSize(new DataView(data.buffer, data.byteOffset, data.byteLength)));
    } else if (type === FRAME || type === FRAME_HEADER) frames++;
    at = size.end + size.value;
  }
  return { pixels, frames };
}

/** A number in groups of seven bits, the lowest first (`leb128`). */
function readSize(stream: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = stream[start + index] ?? 0;
    value += (byte & 127) * 2 ** (7 * index);
    if (byte < 128) return { value, end: start + index + 1 };
  }
  return { value, end: start + 8 };
}

/** The largest width times the largest height (AV1 specification, section 5.5.1). */
function readFrameSize(data: DataView): number {
  const reader = new BitReader(data);
  reader.skip(4);
  const isReduced = reader.bits(1) === 1;
  if (isReduced) reader.skip(5);
  else skipOperatingPoints(reader);
  const [widthBits, heightBits] = [reader.bits(4) + 1, reader.bits(4) + 1];
  return (reader.bits(widthBits) + 1) * (reader.bits(heightBits) + 1);
}

function skipOperatingPoints(reader: BitReader): void {
  let delayBits: number | undefined;
  if (reader.bits(1) === 1) {
    reader.skip(64);
    if (reader.bits(1) === 1) reader.golomb();
    if (reader.bits(1) === 1) {
      delayBits = reader.bits(5) + 1;
      reader.skip(42);
    }
  }
  const hasDisplayDelay = reader.bits(1) === 1;
  for (let left = reader.bits(5) + 1; left > 0; left--) {
    reader.skip(12);
    if (reader.bits(5) > 7) reader.skip(1);
    if (delayBits !== undefined && reader.bits(1) === 1) reader.skip(2 * delayBits + 1);
    if (hasDisplayDelay && reader.bits(1) === 1) reader.skip(4);
  }
}
