import { markers, readSegments } from '../run/jpeg-header.ts';
import { readExifOrientation, readXmpOrientation } from '../run/orientation.ts';
import type { Orientation } from '../run/rows.ts';

/** Added to the numbers of the tables for AC coefficients. */
export const AC = 16;

/** What the segments of metadata begin with (Exif 2.32, 4.7.2; XMP specification part 3, 1.1.3). */
const EXIF = 'Exif\0\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';

/** A scan's header, and where its entropy-coded data begins. */
export interface ScanHeader {
  readonly data: DataView;
  readonly start: number;
}

/**
 * Reads a JPEG's segments and keeps what they say. What is unusual, or not as it should be, ends the reading: libvips then says what it is.
 * Reading past a segment's end throws a `RangeError`.
 */
export class JpegHeaders {
  readonly #bytes: Uint8Array;
  frame: DataView | undefined;
  isProgressive = false;
  /** 64 values each, in zigzag order, by table number. */
  readonly quantisation = new Map<number, Uint8Array>();
  /** A DHT segment's 16 counts and its symbols, by table number; those of AC coefficients count from {@link AC}. */
  readonly codes = new Map<number, Uint8Array>();
  /** Coded units between restart markers; 0 for none. */
  restartInterval = 0;
  isJfif = false;
  /** Of Adobe's APP14 segment. */
  colourTransform: number | undefined;
  #hasExif = false;
  #exifOrientation: Orientation | undefined;
  #xmpOrientation: Orientation | undefined;
  #hasScan = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get orientation(): Orientation {
    return this.#exifOrientation ?? this.#xmpOrientation ?? 1;
  }

  /** Reads the segments from `at` on, behind the start of the image or of a scan's end, up to the next scan. */
  readToScan(at = 2): ScanHeader | undefined {
    for (const { marker, data, end } of readSegments(this.#bytes, at)) {
      if (marker === markers.startOfScan) {
        this.#hasScan = true;
        return { data, start: end };
      }
      if (!this.#read(marker, data)) return undefined;
    }
    return undefined;
  }

  /** Whether the segment is one that such a JPEG may have. */
  #read(marker: number, data: DataView): boolean {
    switch (marker) {
      case markers.quantisationTables:
        // Between scans it would hold for some components only.
        return !this.#hasScan && this.#readQuantisation(data);
      case markers.huffmanTables:
        return this.#readCodes(data);
      case markers.restartInterval:
        this.restartInterval = data.getUint16(0);
        return data.byteLength === 2;
      case markers.app0:
        this.isJfif ||= startsWith(data, 'JFIF\0') && data.byteLength >= 12;
        return true;
      case markers.app1:
        return this.#readMetadata(data);
      case markers.app14:
        if (startsWith(data, 'Adobe') && data.byteLength >= 12) this.colourTransform = data.getUint8(11);
        return true;
      case markers.baseline:
      case markers.extendedSequential:
      case markers.progressive:
        if (this.frame !== undefined || data.getUint8(0) !== 8) return false;
        this.frame = data;
        this.isProgressive = marker === markers.progressive;
        return true;
      default:
        return (marker & 0xf0) === markers.app0 || marker === markers.comment;
    }
  }

  /** Whether there is one Exif segment at most: readers differ in what several mean. */
  #readMetadata(data: DataView): boolean {
    if (startsWith(data, EXIF)) {
      if (this.#hasExif) return false;
      this.#hasExif = true;
      this.#exifOrientation = readExifOrientation(behind(data, EXIF.length));
    } else if (startsWith(data, XMP)) this.#xmpOrientation = readXmpOrientation(behind(data, XMP.length));
    return true;
  }

  /** T.81, B.2.4.1. */
  #readQuantisation(data: DataView): boolean {
    for (let at = 0; at < data.byteLength; at += 65) {
      const is16Bit = data.getUint8(at) >= 16;
      if (is16Bit) return false;
      this.quantisation.set(data.getUint8(at), part(data, at + 1, 64));
    }
    return true;
  }

  /** T.81, B.2.4.2. Baseline has the numbers 0 and 1. */
  #readCodes(data: DataView): boolean {
    for (let at = 0; at < data.byteLength; ) {
      const number = data.getUint8(at);
      if ((number & ~(AC | 1)) !== 0) return false;
      const symbols = part(data, at + 1, 16).reduce((sum, count) => sum + count, 0);
      if (symbols > 256) return false;
      this.codes.set(number, part(data, at + 1, 16 + symbols));
      at += 17 + symbols;
    }
    return true;
  }
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
