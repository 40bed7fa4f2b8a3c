/** Bytes of a value, by its type (TIFF 6.0, section 2; BigTIFF). */
const typeBytes: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4 },
  ...{ 16: 8, 17: 8, 18: 8 },
};

/** An entry of a directory: what a tag's values are and where they stand. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly at: number;
  readonly bytes: number;
}

/** The first directory of a TIFF file, which is its first picture. */
export interface TiffDirectory {
  readonly view: DataView;
  readonly little: boolean;
  readonly isBig: boolean;
  readonly entries: ReadonlyMap<number, TiffEntry>;
}

/**
 * Reads the first directory. A tag that comes twice counts once, and other directories are not read.
 * @throws {RangeError} where it is cut off.
 */
export function readDirectory(bytes: Uint8Array): TiffDirectory {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = view.getUint16(0) === 0x4949;
  const isBig = view.getUint16(2, little) === 43;
  const offset = (at: number) => (isBig ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const start = offset(isBig ? 8 : 4);
  const count = isBig ? offset(start) : view.getUint16(start, little);
  const [countBytes, entryBytes, room] = isBig ? [8, 20, 8] : [2, 12, 4];
  const entries = new Map<number, TiffEntry>();
  for (let index = 0; index < count; index++) {
    const at = start + countBytes + index * entryBytes;
    const [tag, type] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    const values = offset(at + 4);
    const size = values * (typeBytes[type] ?? 0);
    const valuesAt = size <= room ? at + entryBytes - room : offset(at + entryBytes - room);
    const isThere = size > 0 && valuesAt + size <= bytes.byteLength;
    if (isThere && !entries.has(tag))
      entries.set(tag, { tag, type, count: values, at: valuesAt, bytes: size });
  }
  return { view, little, isBig, entries };
}

/** A tag's whole numbers; none where it is absent or of another type. */
export function numbersOf(directory: TiffDirectory, tag: number): number[] {
  const { view, little, entries } = directory;
  const entry = entries.get(tag);
  if (entry === undefined) return [];
  const { type, count, at } = entry;
  const size = typeBytes[type] ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const from = at + index * size;
    if (size === 1) return view.getUint8(from);
    if (type === 3) return view.getUint16(from, little);
    if (type === 8) return view.getInt16(from, little);
    if (type === 4 || type === 13) return view.getUint32(from, little);
    return type === 16 || type === 18 ? Number(view.getBigUint64(from, little)) : Number.NaN;
  });
}
