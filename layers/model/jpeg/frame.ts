import { frameOf } from '../run/jpeg-header.ts';
import type { StoredPicture } from '../run/rows.ts';
import { AC, type JpegHeaders } from './headers.ts';

/** A component of the frame (T.81, B.2.2). */
export interface Component {
  readonly id: number;
  /** Sampling factors. */
  readonly across: number;
  readonly down: number;
  /** 64 values, in zigzag order. */
  readonly quantisation: Uint8Array;
  /** Blocks in a row, and rows of them, that the picture needs. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
}

/** Coded units (T.81, A.2: MCU) of a scan of all components. */
export interface Units {
  /** In a row. */
  readonly across: number;
  /** Rows of them. */
  readonly down: number;
  /** Rows of samples in a row of them. */
  readonly rows: number;
  /** Blocks in a row of them. */
  readonly blocks: number;
}

/** A frame that the kernel decodes: 8-bit grey or YCbCr. The first component has the largest sampling factors. */
export interface Frame extends StoredPicture {
  readonly components: readonly Component[];
  readonly units: Units;
}

/** Composes the frame that the headers up to the first scan tell of. `undefined` where the kernel does not decode its kind. */
export function composeFrame(headers: JpegHeaders): Frame | undefined {
  const { frame: header, orientation } = headers;
  if (header === undefined) return undefined;
  const { width, height, components: count } = frameOf(header);
  if (header.byteLength !== 6 + 3 * count || !(width > 0 && height > 0)) return undefined;
  const given = Array.from({ length: count }, (_, index) => readComponent(headers, header, 6 + 3 * index));
  // A lone component's blocks follow each other in rows, whatever its sampling factors (T.81, A.2.2).
  const parts = count === 1 ? given.map((lone) => ({ ...lone, across: 1, down: 1 })) : given;
  if (count !== 1 && !(isYcc(headers, parts) && isUsualSampling(parts, width))) return undefined;
  const { across: mostAcross = 1, down: mostDown = 1 } = parts[0] ?? {};
  const unitsAcross = Math.ceil(width / (8 * mostAcross));
  return {
    ...{ width, height, orientation },
    components: parts.map((part) => ({
      ...part,
      blocksAcross: Math.ceil(Math.ceil((width * part.across) / mostAcross) / 8),
      blocksDown: Math.ceil(Math.ceil((height * part.down) / mostDown) / 8),
    })),
    units: {
      across: unitsAcross,
      down: Math.ceil(height / (8 * mostDown)),
      rows: 8 * mostDown,
      blocks: unitsAcross * parts.reduce((sum, { across, down }) => sum + across * down, 0),
    },
  };
}

type Part = Omit<Component, 'blocksAcross' | 'blocksDown'>;

/** @throws {RangeError} where the table is not there. */
function readComponent({ quantisation }: JpegHeaders, header: DataView, at: number): Part {
  const factors = header.getUint8(at + 1);
  const table = quantisation.get(header.getUint8(at + 2));
  if (table === undefined) throw new RangeError('A quantisation table is missing.');
  return { id: header.getUint8(at), across: factors >> 4, down: factors & 15, quantisation: table };
}

/** As libjpeg decides it: by JFIF's mark, else by Adobe's, else by the components' numbers. */
function isYcc({ isJfif, colourTransform }: JpegHeaders, parts: readonly Part[]): boolean {
  if (parts.length !== 3) return false;
  if (isJfif) return true;
  if (colourTransform !== undefined) return colourTransform === 1;
  return parts.every(({ id }, index) => id === index + 1);
}

/** Chroma at full size (4:4:4), half as wide (4:2:2) or half as wide and high (4:2:0). */
function isUsualSampling([luma, ...chroma]: readonly Part[], width: number): boolean {
  if (luma === undefined || !chroma.every(({ across, down }) => across === 1 && down === 1)) return false;
  // Two columns of chroma or fewer are enlarged in another way by libjpeg-turbo.
  if (luma.across === 2 && width <= 4) return false;
  return [0x11, 0x21, 0x22].includes((luma.across << 4) | luma.down);
}

/** A component in a scan, and the numbers of its tables. */
interface ScanComponent {
  /** In the frame. */
  readonly index: number;
  readonly dcCodes: number;
  readonly acCodes: number;
}

/** A scan (T.81, B.2.3): all components in the frame's order, or one. */
export interface Scan {
  readonly components: readonly ScanComponent[];
  /** The first and the last coefficient. */
  readonly from: number;
  readonly to: number;
  /** Low bits of the coefficients that were to come before, 0 where none was there, and that are to come after the scan. */
  readonly high: number;
  readonly low: number;
}

/** `undefined` where the scan has some components and not all. @throws {RangeError} where the header is not as it should be. */
export function readScan({ components }: Frame, data: DataView): Scan | undefined {
  const count = data.getUint8(0);
  const spectrum = 1 + 2 * count;
  if (data.byteLength !== spectrum + 3) return undefined;
  const scanned = Array.from({ length: count }, (_, at): ScanComponent => {
    const id = data.getUint8(1 + 2 * at);
    const tables = data.getUint8(2 + 2 * at);
    return {
      index: components.findIndex((component) => component.id === id),
      dcCodes: tables >> 4,
      acCodes: AC + (tables & 15),
    };
  });
  const isAll = count === components.length && scanned.every(({ index }, at) => index === at);
  if (!isAll && !(count === 1 && scanned[0]?.index !== -1)) return undefined;
  const bits = data.getUint8(spectrum + 2);
  return {
    components: scanned,
    from: data.getUint8(spectrum),
    to: data.getUint8(spectrum + 1),
    high: bits >> 4,
    low: bits & 15,
  };
}
