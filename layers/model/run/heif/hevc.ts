import type { CodedFrames } from './av1.ts';
import { BitReader } from './boxes.ts';

const SPS = 33;
/** NAL unit types below are slices of a picture (ITU-T H.265, table 7-1). */
const FIRST_NOT_SLICE = 32;

/**
 * Counts the pictures of an HEVC item, and reads the largest picture size from its sequence parameter sets.
 * @param configuration what its `hvcC` box holds (ISO/IEC 14496-15, section 8.3.3.1).
 * @param stream NAL units, each behind its length.
 */
export function readHevc(configuration: DataView, stream: DataView): CodedFrames {
  const lengthBytes = (configuration.getUint8(21) & 3) + 1;
  const sets = [...parameterSets(configuration)];
  const units = [...unitsOf(stream, lengthBytes)];
  const sizes = [...sets, ...units].filter((unit) => typeOf(unit) === SPS).map(readPictureSize);
  const frames = units.filter((unit) => typeOf(unit) < FIRST_NOT_SLICE && isFirstSlice(unit)).length;
  return { pixels: Math.max(0, ...sizes), frames };
}

const typeOf = (unit: Uint8Array) => ((unit[0] ?? 0) >> 1) & 63;
const isFirstSlice = (unit: Uint8Array) => (unit[2] ?? 0) >= 128;

function* parameterSets(configuration: DataView): Generator<Uint8Array> {
  let at = 23;
  for (let arrays = configuration.getUint8(22); arrays > 0; arrays--) {
    const units = configuration.getUint16(at + 1);
    at += 3;
    for (let left = units; left > 0; left--) {
      const length = configuration.getUint16(at);
      yield bytesOf(configuration, at + 2, length);
      at += 2 + length;
    }
  }
}

function* unitsOf(stream: DataView, lengthBytes: number): Generator<Uint8Array> {
  for (let at = 0; at + lengthBytes < stream.byteLength; ) {
    const length = new BitReader(new DataView(stream.buffer, stream.byteOffset + at, lengthBytes)).bytes(
      lengthBytes,
    );
    yield bytesOf(stream, at + lengthBytes, Math.min(length, stream.byteLength - at - lengthBytes));
    at += lengthBytes + length;
  }
}

/** @throws {RangeError} where there are fewer. */
function bytesOf(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, Math.min(length, view.byteLength - at));
}

/** Luma samples of a picture (ITU-T H.265, section 7.3.2.2.1). */
function readPictureSize(unit: Uint8Array): number {
  const plain = withoutEscapes(unit);
  const reader = new BitReader(new DataView(plain.buffer, plain.byteOffset, plain.byteLength));
  reader.skip(16 + 4);
  const subLayers = reader.bits(3);
  reader.skip(1 + 96);
  const flags = Array.from({ length: subLayers }, () => [reader.bits(1), reader.bits(1)] as const);
  if (subLayers > 0) reader.skip(2 * (8 - subLayers));
  for (const [hasProfile, hasLevel] of flags) reader.skip(88 * hasProfile + 8 * hasLevel);
  reader.golomb();
  if (reader.golomb() === 3) reader.skip(1);
  return reader.golomb() * reader.golomb();
}

/** A 3 after two zeros is no part of the data (ITU-T H.265, section 7.3.1.1). */
function withoutEscapes(unit: Uint8Array): Uint8Array {
  return unit.filter((byte, at) => !(byte === 3 && unit[at - 1] === 0 && unit[at - 2] === 0));
}
