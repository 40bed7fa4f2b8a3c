import type { Pixels } from '../bmp.ts';
import { type ImageLimits, requireSizeWithinLimit, type Size } from '../size.ts';
import { decodeLzw } from './lzw.ts';

/** The first frame's image descriptor, and what the blocks before it say of it (GIF89a specification, sections 18 to 23). */
interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** Where its own colour table begins, and how many colours it has; `undefined` where it takes the global one. */
  readonly table: ColourTable | undefined;
  /** The colour index that is not drawn. */
  readonly transparent: number | undefined;
  /** Where the LZW data begins: the code size, then sub-blocks. */
  readonly dataAt: number;
}

interface ColourTable {
  readonly at: number;
  readonly colours: number;
}

const SCREEN_END = 13;
const [EXTENSION, IMAGE] = [0x21, 0x2c];
const GRAPHIC_CONTROL = 0xf9;

/**
 * Decodes a GIF's first frame on its screen, equal to Pillow's `convert("RGB")`: the screen grows with a frame that reaches beyond it,
 * what the frame leaves out has the transparent colour or the first, and a transparent pixel keeps its colour in the table. Blocks
 * behind the first frame are not read.
 * @throws {ImageError} `too_many_pixels`.
 * @throws {RangeError} where the file is damaged.
 */
export function decodeGif(bytes: Uint8Array, limits: ImageLimits): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const global = readTable(view.getUint8(10), SCREEN_END);
  const frame = readFirstFrame(view, global === undefined ? SCREEN_END : endOf(global));
  const size = {
    width: Math.max(view.getUint16(6, true), frame.left + frame.width),
    height: Math.max(view.getUint16(8, true), frame.top + frame.height),
  };
  requireSizeWithinLimit(size, limits);
  if (frame.width === 0 || frame.height === 0) throw new RangeError('The first frame has no pixels');
  const indices = decodeLzw(bytes, frame.dataAt, frame.width * frame.height);
  const screen = isWhole(frame, size) ? indices : putOnScreen(indices, frame, size);
  return { data: toRgb(screen, readColours(bytes, frame.table ?? global)), ...size };
}

/** Whether the frame fills the screen, row by row. */
function isWhole(frame: Frame, { width, height }: Size): boolean {
  return frame.width === width && frame.height === height && !frame.interlaced;
}

function putOnScreen(indices: Uint8Array, frame: Frame, { width, height }: Size): Uint8Array {
  const screen = new Uint8Array(width * height).fill(frame.transparent ?? 0);
  for (const [from, row] of rowOrder(frame).entries()) {
    const line = indices.subarray(from * frame.width, (from + 1) * frame.width);
    screen.set(line, (frame.top + row) * width + frame.left);
  }
  return screen;
}

/** A colour table that starts `at` a place, as the flags of a screen or a frame announce it. */
function readTable(flags: number, at: number): ColourTable | undefined {
  return flags & 0x80 ? { at, colours: 2 << (flags & 7) } : undefined;
}

const endOf = ({ at, colours }: ColourTable) => at + colours * 3;

function readFirstFrame(view: DataView, start: number): Frame {
  let transparent: number | undefined;
  for (let at = start; ; ) {
    const block = view.getUint8(at);
    if (block === IMAGE) return readDescriptor(view, at + 1, transparent);
    if (block !== EXTENSION) {
      // As Pillow and browsers do, pass over what is no block; the trailer ends the file.
      if (block === 0x3b) throw new RangeError('The file has no frame');
      at++;
      continue;
    }
    const length = view.getUint8(at + 2);
    const isControl = view.getUint8(at + 1) === GRAPHIC_CONTROL && length >= 4;
    if (isControl && view.getUint8(at + 3) & 1) transparent = view.getUint8(at + 6);
    at = endOfBlocks(view, at + 2);
  }
}

function endOfBlocks(view: DataView, start: number): number {
  let at = start;
  for (let length = view.getUint8(at); length > 0; length = view.getUint8(at)) at += 1 + length;
  return at + 1;
}

function readDescriptor(view: DataView, at: number, transparent: number | undefined): Frame {
  const word = (offset: number) => view.getUint16(at + offset, true);
  const flags = view.getUint8(at + 8);
  const table = readTable(flags, at + 9);
  return {
    ...{ left: word(0), top: word(2), width: word(4), height: word(6) },
    ...{ interlaced: (flags & 0x40) !== 0, table, transparent },
    dataAt: table === undefined ? at + 9 : endOf(table),
  };
}

/** The row of the frame that each coded row is (GIF89a, appendix E). */
function rowOrder({ height, interlaced }: Frame): number[] {
  const passes = interlaced
    ? [
        { first: 0, step: 8 },
        { first: 4, step: 8 },
        { first: 2, step: 4 },
        { first: 1, step: 2 },
      ]
    : [{ first: 0, step: 1 }];
  return passes.flatMap(({ first, step }) =>
    Array.from({ length: Math.max(0, Math.ceil((height - first) / step)) }, (_, row) => first + row * step),
  );
}

/** 256 colours: those that the table leaves out are grey, as in Pillow. */
function readColours(bytes: Uint8Array, table: ColourTable | undefined): Uint8Array {
  const colours = Uint8Array.from({ length: 256 * 3 }, (_, index) => index / 3);
  if (table === undefined) return colours;
  if (endOf(table) > bytes.byteLength) throw new RangeError('The colour table is cut off');
  colours.set(bytes.subarray(table.at, endOf(table)));
  return colours;
}

function toRgb(indices: Uint8Array, colours: Uint8Array): Uint8Array {
  const data = new Uint8Array(indices.length * 3);
  for (let from = 0, to = 0; from < indices.length; from++, to += 3) {
    const at = (indices[from] ?? 0) * 3;
    data[to] = colours[at] ?? 0;
    data[to + 1] = colours[at + 1] ?? 0;
    data[to + 2] = colours[at + 2] ?? 0;
  }
  return data;
}
