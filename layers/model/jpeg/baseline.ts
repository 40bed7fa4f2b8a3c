import { frameOf, isStartOfFrame, markers, readSegments } from '../run/jpeg-header.ts';
import { readExifOrientation, readXmpOrientation } from '../run/orientation.ts';
import type { Orientation, StoredPicture } from '../run/rows.ts';
import type { Size } from '../run/size.ts';

/** A component of the frame, and the tables its scan uses. */
export interface JpegComponent {
  readonly id: number;
  /** Sampling factors. */
  readonly across: number;
  readonly down: number;
  readonly quantisation: number;
  readonly dcCodes: number;
  readonly acCodes: number;
}

/** A JPEG that the kernel decodes: one scan of 8-bit grey or YCbCr with sequential Huffman coding. */
export interface BaselineJpeg extends StoredPicture {
  readonly scan: readonly JpegComponent[];
  /** 64 values each, in zigzag order, by table number. */
  readonly quantisation: ReadonlyMap<number, Uint8Array>;
  /** A DHT segment's 16 counts and its symbols, by table number; those of AC coefficients count from {@link AC}. */
  readonly codes: ReadonlyMap<number, Uint8Array>;
  /** Coded units between restart markers; 0 for none. */
  readonly restartInterval: number;
  /** Where the entropy-coded data begins. */
  readonly start: number;
}

/** Added to the numbers of the tables for AC coefficients. */
export const AC = 16;

/** What the segments of metadata begin with (Exif 2.32, 4.7.2; XMP specification part 3, 1.1.3). */
const EXIF = 'Exif\0\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';

/** What the headers have said so far. */
interface JpegHeaders {
  frame: DataView | undefined;
  readonly quantisation: Map<number, Uint8Array>;
  readonly codes: Map<number, Uint8Array>;
  restartInterval: number;
  isJfif: boolean;
  /** Of Adobe's APP14 segment. */
  colourTransform: number | undefined;
  hasExif: boolean;
  exifOrientation: Orientation | undefined;
  xmpOrientation: Orientation | undefined;
}

/**
 * Reads a JPEG's headers up to its scan. `undefined` where the file is of another kind (progressive, CMYK, unusual sampling, several scans, …) or in any way not as it should be: libvips then says what it is.
 */
export function readBaselineJpeg(bytes: Uint8Array): BaselineJpeg | undefined {
  const headers: JpegHeaders = {
    frame: undefined,
    quantisation: new Map(),
    codes: new Map(),
    restartInterval: 0,
    isJfif: false,
    colourTransform: undefined,
    hasExif: false,
    exifOrientation: undefined,
    xmpOrientation: undefined,
  };
  try {
    for (const { marker, data, end } of readSegments(bytes)) {
      if (marker === markers.startOfScan) return composeJpeg(headers, data, end);
      if (!readHeader(headers, marker, data)) return undefined;
    }
  } catch (error) {
    // A segment does not hold what it must.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

/** Whether the segment is one that such a JPEG may have. */
function readHeader(headers: JpegHeaders, marker: number, data: DataView): boolean {
  switch (marker) {
    case markers.quantisationTables:
      return readQuantisation(headers.quantisation, data);
    case markers.huffmanTables:
      return readCodes(headers.codes, data);
    case markers.restartInterval:
      headers.restartInterval = data.getUint16(0);
      return data.byteLength === 2;
    case markers.app0:
      headers.isJfif ||= startsWith(data, 'JFIF\0') && data.byteLength >= 12;
      return true;
    case markers.app1:
      return readMetadata(headers, data);
    case markers.app14:
      if (startsWith(data, 'Adobe') && data.byteLength >= 12) headers.colourTransform = data.getUint8(11);
      return true;
    case markers.baseline:
    case markers.extendedSequential:
      if (headers.frame !== undefined || data.getUint8(0) !== 8) return false;
      headers.frame = data;
      return true;
    default:
      return !isStartOfFrame(marker);
  }
}

/** Whether there is one Exif segment at most: readers differ in what several mean. */
function readMetadata(headers: JpegHeaders, data: DataView): boolean {
  if (startsWith(data, EXIF)) {
    if (headers.hasExif) return false;
    headers.hasExif = true;
    headers.exifOrientation = readExifOrientation(behind(data, EXIF.length));
  } else if (startsWith(data, XMP)) headers.xmpOrientation = readXmpOrientation(behind(data, XMP.length));
  return true;
}

/** T.81, B.2.4.1. */
function readQuantisation(tables: Map<number, Uint8Array>, data: DataView): boolean {
  for (let at = 0; at < data.byteLength; at += 65) {
    const is16Bit = data.getUint8(at) >= 16;
    if (is16Bit) return false;
    tables.set(data.getUint8(at), part(data, at + 1, 64));
  }
  return true;
}

/** T.81, B.2.4.2. Baseline has the numbers 0 and 1. */
function readCodes(tables: Map<number, Uint8Array>, data: DataView): boolean {
  for (let at = 0; at < data.byteLength; ) {
    const number = data.getUint8(at);
    if ((number & ~(AC | 1)) !== 0) return false;
    const symbols = part(data, at + 1, 16).reduce((sum, count) => sum + count, 0);
    if (symbols > 256) return false;
    tables.set(number, part(data, at + 1, 16 + symbols));
    at += 17 + symbols;
  }
  return true;
}

/** T.81, B.2.2 and B.2.3: the frame's components, and in the same order those of the only scan. */
function composeJpeg(headers: JpegHeaders, scan: DataView, start: number): BaselineJpeg | undefined {
  const { frame: header, quantisation, codes, restartInterval } = headers;
  if (header === undefined) return undefined;
  const frame = frameOf(header);
  const components = Array.from({ length: frame.components }, (_, index): JpegComponent => {
    const [inFrame, inScan] = [6 + 3 * index, 1 + 2 * index];
    const id = header.getUint8(inFrame);
    if (scan.getUint8(inScan) !== id) throw new RangeError('The scan has other components than the frame.');
    const factors = header.getUint8(inFrame + 1);
    const tables = scan.getUint8(inScan + 1);
    return {
      id,
      across: factors >> 4,
      down: factors & 15,
      quantisation: header.getUint8(inFrame + 2),
      dcCodes: tables >> 4,
      acCodes: AC + (tables & 15),
    };
  });
  const spectrum = 1 + 2 * frame.components;
  const isWhole =
    header.byteLength === 6 + 3 * frame.components &&
    scan.byteLength === spectrum + 3 &&
    scan.getUint8(0) === frame.components &&
    // The whole spectrum at full precision.
    scan.getUint8(spectrum) === 0 &&
    scan.getUint8(spectrum + 1) === 63 &&
    scan.getUint8(spectrum + 2) === 0;
  const hasTables = components.every(
    (component) =>
      quantisation.has(component.quantisation) &&
      codes.has(component.dcCodes) &&
      codes.has(component.acCodes),
  );
  if (!isWhole || !hasTables || !(frame.width > 0 && frame.height > 0)) return undefined;
  const isLone = components.length === 1;
  if (!isLone && !(isYcc(headers, components) && isUsualSampling(components, frame))) return undefined;
  // A lone component's blocks follow each other in rows, whatever its sampling factors (T.81, A.2.2).
  const scanned = isLone ? components.map((lone) => ({ ...lone, across: 1, down: 1 })) : components;
  const orientation = headers.exifOrientation ?? headers.xmpOrientation ?? 1;
  const { width, height } = frame;
  return { width, height, orientation, scan: scanned, quantisation, codes, restartInterval, start };
}

/** As libjpeg decides it: by JFIF's mark, else by Adobe's, else by the components' numbers. */
function isYcc({ isJfif, colourTransform }: JpegHeaders, components: readonly JpegComponent[]): boolean {
  if (components.length !== 3) return false;
  if (isJfif) return true;
  if (colourTransform !== undefined) return colourTransform === 1;
  return components.every(({ id }, index) => id === index + 1);
}

/** Chroma at full size (4:4:4), half as wide (4:2:2) or half as wide and high (4:2:0). */
function isUsualSampling([luma, ...chroma]: readonly JpegComponent[], { width }: Size): boolean {
  if (luma === undefined || !chroma.every(({ across, down }) => across === 1 && down === 1)) return false;
  // Two columns of chroma or fewer are enlarged in another way by libjpeg-turbo.
  if (luma.across === 2 && width <= 4) return false;
  return [0x11, 0x21, 0x22].includes((luma.across << 4) | luma.down);
}

function startsWith(data: DataView, text: string): boolean {
  if (data.byteLength < text.length) return false;
  return Array.from(text).every((character, index) => data.getUint8(index) === character.charCodeAt(0));
}

/** What follows the first bytes. */
function behind(data: DataView, bytes: number): DataView {
  return new DataView(data.buffer, data.byteOffset + bytes, data.byteLength - bytes);
}

/** @throws {RangeError} where the segment ends before. */
function part(data: DataView, from: number, length: number): Uint8Array {
  if (from + length > data.byteLength) throw new RangeError('The segment is too short.');
  return new Uint8Array(data.buffer, data.byteOffset + from, length);
}
