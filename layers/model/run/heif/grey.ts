import type { Pixels } from '../bmp.ts';
import { readAv1 } from './av1.ts';
import { type HeifItem, readItems } from './items.ts';

/** Bytes of an `av1C` box before its sequence header, which may be missing there. */
const SETTINGS = 4;

/**
 * Whether an AVIF's picture is grey of limited range, which libheif takes for full range: its black is then 16, its white 235.
 * @throws {RangeError} where the file is damaged.
 */
export function isLimitedGrey(bytes: Uint8Array): boolean {
  const { primary, items } = readItems(bytes);
  const item = items.get(primary);
  const coded = item?.type === 'grid' ? items.get(item.tiles[0] ?? 0) : item;
  const configuration = property(coded, 'av1C');
  if (coded === undefined || configuration === undefined) return false;
  const isGrey = (configuration.getUint8(2) & 0x10) !== 0;
  if (!isGrey) return false;
  const said = rangeInProperties(item) ?? rangeInProperties(coded);
  if (said !== undefined) return said === 'limited';
  const { buffer, byteOffset, byteLength } = configuration;
  const start = new DataView(buffer, byteOffset + SETTINGS, byteLength - SETTINGS);
  const parts = [start, ...coded.pieces].map(
    (part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength),
  );
  return readAv1(Buffer.concat(parts)).isLimitedGrey;
}

const property = (item: HeifItem | undefined, name: string) =>
  item?.properties.find(({ type }) => type === name)?.data;

/** As a colour box of the kind `nclx` says it (ISO/IEC 14496-12, section 12.1.5), which comes before the coded data. */
function rangeInProperties(item: HeifItem | undefined): 'full' | 'limited' | undefined {
  const boxes = item?.properties.filter(({ type }) => type === 'colr') ?? [];
  const nclx = boxes.find(({ data }) => data.byteLength >= 11 && data.getUint32(0) === 0x6e636c78);
  if (nclx === undefined) return undefined;
  return nclx.data.getUint8(10) & 0x80 ? 'full' : 'limited';
}

/** Stretches samples from 16…235 to 0…255 (ITU-R BT.601). */
export function stretchRange(picture: Pixels): Pixels {
  const levels = Uint8ClampedArray.from({ length: 256 }, (_, level) => ((level - 16) * 255) / 219);
  return { ...picture, data: picture.data.map((sample) => levels[sample] ?? 0) };
}
