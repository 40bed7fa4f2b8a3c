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
export function readAv1(stream: Uint8Array): CodedFrames & Pick<Av1Sequence, 'isLimitedGrey'> {
  let [pixels, frames, at] = [0, 0, 0];
  let isLimitedGrey = false;
  while (at < stream.length) {
    const header = stream[at++] ?? 0;
    const type = (header >> 3) & 15;
    if (header & 4) at++;
    const size = header & 2 ? readSize(stream, at) : { value: stream.length - at, end: at };
    if (type === SEQUENCE_HEADER) {
      const data = stream.subarray(size.end, size.end + size.value);
      const sequence = readSequence(new DataView(data.buffer, data.byteOffset, data.byteLength));
      pixels = Math.max(pixels, sequence.pixels);
      isLimitedGrey = sequence.isLimitedGrey;
    } else if (type === FRAME || type === FRAME_HEADER) frames++;
    at = size.end + size.value;
  }
  return { pixels, frames, isLimitedGrey };
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

/** What a sequence header says (AV1 specification, section 5.5.1). */
export interface Av1Sequence {
  /** The largest width times the largest height. */
  readonly pixels: number;
  /** Whether it has luma only, whose black is 16 and whose white 235 of 255 (section 6.4.2: `color_range`). */
  readonly isLimitedGrey: boolean;
}

/** @param data of the sequence header's OBU. */
export function readSequence(data: DataView): Av1Sequence {
  const reader = new BitReader(data);
  const profile = reader.bits(3);
  reader.skip(1);
  const isReduced = reader.bits(1) === 1;
  if (isReduced) reader.skip(5);
  else skipOperatingPoints(reader);
  const [widthBits, heightBits] = [reader.bits(4) + 1, reader.bits(4) + 1];
  const pixels = (reader.bits(widthBits) + 1) * (reader.bits(heightBits) + 1);
  if (!isReduced && reader.bits(1) === 1) reader.skip(7);
  reader.skip(3);
  if (!isReduced) skipInterTools(reader);
  reader.skip(3);
  return { pixels, isLimitedGrey: readColours(reader, profile) };
}

function skipInterTools(reader: BitReader): void {
  reader.skip(4);
  const hasOrder = reader.bits(1) === 1;
  if (hasOrder) reader.skip(2);
  const choosesTools = reader.bits(1) === 1;
  const usesTools = choosesTools || reader.bits(1) === 1;
  const choosesWholeMotion = !usesTools || reader.bits(1) === 1;
  if (!choosesWholeMotion) reader.skip(1);
  if (hasOrder) reader.skip(3);
}

/** Whether there is luma only, of limited range (section 5.5.2). */
function readColours(reader: BitReader, profile: number): boolean {
  const isDeep = reader.bits(1) === 1;
  if (profile === 2 && isDeep) reader.skip(1);
  const isGrey = profile !== 1 && reader.bits(1) === 1;
  if (reader.bits(1) === 1) reader.skip(24);
  return isGrey && reader.bits(1) === 0;
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
