import type { Size } from './size.ts';

/** A marker segment (ITU-T T.81, B.1.1.4): its marker's second byte, what it holds, and where it ends in the file. */
export interface JpegSegment {
  readonly marker: number;
  readonly data: DataView;
  readonly end: number;
}

/** Second bytes of markers (T.81, table B.1). */
export const markers = {
  baseline: 0xc0,
  extendedSequential: 0xc1,
  progressive: 0xc2,
  huffmanTables: 0xc4,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  quantisationTables: 0xdb,
  restartInterval: 0xdd,
  app0: 0xe0,
  app1: 0xe1,
  app14: 0xee,
  comment: 0xfe,
} as const;

/** What a JPEG's frame header says: the size as stored, not yet turned upright, and the number of components. */
export interface JpegFrame extends Size {
  readonly components: number;
}

/** Start-of-frame markers: 0xC0 to 0xCF without DHT, JPG and DAC. */
export const isStartOfFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/**
 * The segments of a JPEG up to a scan, whose header is the last one; fewer where the file ends, is cut off or none.
 * @param from where the first marker is: behind that of the start of the image unless told otherwise.
 */
export function* readSegments(bytes: Uint8Array, from = 2): Generator<JpegSegment> {
  if (bytes[0] !== 0xff || bytes[1] !== markers.startOfImage) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  while (at + 4 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    // Any number of 0xFF may stand before a marker.
    if (marker === 0xff) at++;
    else {
      const end = at + 2 + view.getUint16(at + 2);
      if (marker === markers.endOfImage || end < at + 4 || end > view.byteLength) return;
      yield { marker, data: new DataView(view.buffer, view.byteOffset + at + 4, end - at - 4), end };
      if (marker === markers.startOfScan) return;
      at = end;
    }
  }
}

/** Reads a JPEG's frame header (ITU-T T.81, B.2.2); `undefined` where none is found before the first scan. */
export function readJpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  for (const { marker, data } of readSegments(bytes)) {
    if (isStartOfFrame(marker) && data.byteLength >= 6) return frameOf(data);
  }
  return undefined;
}

/** What a frame header's segment of at least 6 bytes says. */
export function frameOf(data: DataView): JpegFrame {
  return { height: data.getUint16(1), width: data.getUint16(3), components: data.getUint8(5) };
}

/**
 * By how much both sides are divided while a JPEG of this size is decoded: 1, 2 or 4. It is never shrunk below twice the side of
 * the network's input.
 */
export function shrinkFactor({ width, height }: Size, inputSize: number): 1 | 2 | 4 {
  const smallest = Math.min(width, height) / (2 * inputSize);
  if (smallest >= 4) return 4;
  return smallest >= 2 ? 2 : 1;
}
