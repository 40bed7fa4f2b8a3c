import { inflateSync } from 'node:zlib';
import type { Orientation } from './rows.ts';
import { orientationInExif, orientationInXmp } from './upright.ts';

/** What a PNG decoder needs, and how the picture is to be turned. */
export interface PngParts {
  /** The file without the chunks that do not change its samples. */
  readonly bytes: Uint8Array;
  readonly orientation: Orientation;
}

const SIGNATURE = 8;
/** Length, type and CRC around a chunk's data. */
const AROUND = 12;
/** Chunks that say what the samples are (PNG, third edition, section 5.6). */
const needed = ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'];
/** Chunks that cost nothing to read: a few of them may stay, so that most files need no copy. */
const harmless = ['pHYs', 'gAMA', 'sRGB', 'cHRM', 'sBIT', 'bKGD', 'tIME', 'tEXt'];
const mostHarmless = 20;
const texts = ['tEXt', 'zTXt', 'iTXt'];
const EXIF_TEXT = 'Raw profile type exif';
const XMP_TEXT = 'XML:com.adobe.xmp';
const mostTextBytes = 1024 * 1024;

/**
 * Takes out the chunks that a decoder would unpack only to drop them: texts, colour profiles, unknown ones. However many there are and
 * however large they unpack, they cost nothing. Orientation is read as Pillow does: from `eXIf`, ImageMagick's EXIF text, or XMP.
 */
export function keepNeededChunks(bytes: Uint8Array): PngParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [];
  let keptFrom = 0;
  let harmlessLeft = mostHarmless;
  const said: Partial<Record<'eXIf' | 'text' | 'xmp', Orientation | undefined>> = {};
  let at = SIGNATURE;
  while (at + AROUND <= bytes.byteLength) {
    const end = Math.min(at + AROUND + view.getUint32(at), bytes.byteLength);
    const type = typeAt(bytes, at + 4);
    const data = bytes.subarray(at + 8, end - 4);
    const isKept = needed.includes(type) || (harmless.includes(type) && harmlessLeft-- > 0);
    if (!isKept) {
      kept.push(bytes.subarray(keptFrom, at));
      keptFrom = end;
    }
    if (type === 'eXIf') said.eXIf ??= orientationInExif(data);
    else if (texts.includes(type)) {
      if (startsWith(data, EXIF_TEXT)) said.text ??= orientationInExif(fromHex(textOf(type, data)));
      else if (startsWith(data, XMP_TEXT)) said.xmp ??= orientationInXmp(textOf(type, data));
    }
    at = end;
    if (type === 'IEND') break;
  }
  kept.push(bytes.subarray(keptFrom, at));
  const [only = bytes] = kept;
  return {
    bytes: kept.length === 1 ? only : Buffer.concat(kept),
    orientation: said.eXIf ?? said.text ?? said.xmp ?? 1,
  };
}

/** Called for each chunk: a spread of four bytes would take ten times as long. */
function typeAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
}

const latin1 = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));

function startsWith(data: Uint8Array, keyword: string): boolean {
  return data[keyword.length] === 0 && latin1(data, 0, keyword.length) === keyword;
}

/** The text of a chunk behind its keyword (PNG, section 11.3.3); empty where it is damaged or too long to be one of ours. */
function textOf(type: string, data: Uint8Array): Buffer {
  const rest = Buffer.from(data.buffer, data.byteOffset, data.byteLength).subarray(data.indexOf(0) + 1);
  // The method, and in iTXt a flag before it and two names behind it.
  const isPacked = type === 'zTXt' || (type === 'iTXt' && rest[0] === 1);
  const language = type === 'iTXt' ? rest.indexOf(0, 2) + 1 : 0;
  const start = { tEXt: 0, zTXt: 1 }[type] ?? rest.indexOf(0, language) + 1;
  try {
    const text = rest.subarray(start);
    return isPacked ? inflateSync(text, { maxOutputLength: mostTextBytes }) : text;
  } catch {
    return Buffer.alloc(0);
  }
}

/** ImageMagick writes a name and a length in lines of their own, then the block in hex. */
function fromHex(text: Buffer): Buffer {
  return Buffer.from(text.toString('latin1').split('\n').slice(3).join(''), 'hex');
}
