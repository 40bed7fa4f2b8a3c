import { BitReader, type Box, fourCharacters, readBoxes, slice } from './boxes.ts';

/** A picture, a tile of one, or a block of metadata in a HEIF file (ISO/IEC 23008-12). */
export interface HeifItem {
  readonly id: number;
  /** Such as `av01`, `hvc1` or `grid`. */
  readonly type: string;
  readonly properties: readonly Box[];
  /** Ids of the items that it is put together from; one that comes twice is decoded twice. */
  readonly tiles: readonly number[];
  /** Id of the item that it adds transparency or depth to. */
  readonly belongsTo: readonly number[];
  /** Its bytes, piece by piece. */
  readonly pieces: readonly DataView[];
}

export interface HeifItems {
  readonly primary: number;
  readonly items: ReadonlyMap<number, HeifItem>;
}

/**
 * Reads which items a HEIF or AVIF file has.
 * @throws {RangeError} where a box is cut off.
 */
export function readItems(bytes: Uint8Array): HeifItems {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const meta = [...readBoxes(file)].find(({ type }) => type === 'meta');
  const boxes = meta === undefined ? [] : [...readBoxes(slice(meta.data, 4, meta.data.byteLength))];
  const find = (name: string) => boxes.find(({ type }) => type === name)?.data;
  const types = readTypes(find('iinf'));
  const properties = readProperties(find('iprp'));
  const references = readReferences(find('iref'));
  const places = readPlaces(find('iloc'), file, find('idat'));
  const items = [...types].map(([id, type]): [number, HeifItem] => {
    const from = (kind: string) => references.filter((one) => one.kind === kind && one.from === id);
    const [tiles, belongsTo] = ['dimg', 'auxl'].map((kind) => from(kind).flatMap(({ to }) => to));
    const item = { id, type, properties: properties.get(id) ?? [], pieces: places.get(id) ?? [] };
    return [id, { ...item, tiles: tiles ?? [], belongsTo: belongsTo ?? [] }];
  });
  const pitm = find('pitm');
  const primary = pitm === undefined ? 0 : pitm.getUint8(0) === 0 ? pitm.getUint16(4) : pitm.getUint32(4);
  return { primary, items: new Map(items) };
}

function readTypes(iinf: DataView | undefined): Map<number, string> {
  const types = new Map<number, string>();
  if (iinf === undefined) return types;
  const entries = slice(iinf, iinf.getUint8(0) === 0 ? 6 : 8, iinf.byteLength);
  for (const { type, data } of readBoxes(entries)) {
    const version = type === 'infe' ? data.getUint8(0) : 0;
    if (version === 2) types.set(data.getUint16(4), fourCharacters(data, 8));
    else if (version === 3) types.set(data.getUint32(4), fourCharacters(data, 10));
  }
  return types;
}

function readProperties(iprp: DataView | undefined): Map<number, Box[]> {
  const properties = new Map<number, Box[]>();
  const boxes = iprp === undefined ? [] : [...readBoxes(iprp)];
  const all = boxes.filter(({ type }) => type === 'ipco').flatMap(({ data }) => [...readBoxes(data)]);
  for (const { type, data } of boxes) {
    if (type !== 'ipma') continue;
    const idBytes = data.getUint8(0) === 0 ? 2 : 4;
    const isWide = (data.getUint8(3) & 1) !== 0;
    const reader = new BitReader(slice(data, 4, data.byteLength));
    for (let left = reader.bytes(4); left > 0; left--) {
      const id = reader.bytes(idBytes);
      const indices = Array.from({ length: reader.bytes(1) }, () => {
        reader.skip(1);
        return reader.bits(isWide ? 15 : 7);
      });
      properties.set(
        id,
        indices.flatMap((index) => all[index - 1] ?? []),
      );
    }
  }
  return properties;
}

interface Reference {
  readonly kind: string;
  readonly from: number;
  readonly to: readonly number[];
}

function readReferences(iref: DataView | undefined): Reference[] {
  if (iref === undefined) return [];
  const idBytes = iref.getUint8(0) === 0 ? 2 : 4;
  return [...readBoxes(slice(iref, 4, iref.byteLength))].map(({ type, data }) => {
    const reader = new BitReader(data);
    const from = reader.bytes(idBytes);
    return { kind: type, from, to: Array.from({ length: reader.bytes(2) }, () => reader.bytes(idBytes)) };
  });
}

/** Where items lie (ISO/IEC 14496-12, section 8.11.3): in the file, or in the `idat` box. */
function readPlaces(
  iloc: DataView | undefined,
  file: DataView,
  idat: DataView | undefined,
): Map<number, DataView[]> {
  const places = new Map<number, DataView[]>();
  if (iloc === undefined) return places;
  const version = iloc.getUint8(0);
  const reader = new BitReader(slice(iloc, 4, iloc.byteLength));
  const [offsetBytes, lengthBytes, baseBytes, indexBytes] = [4, 4, 4, 4].map((bits) => reader.bits(bits));
  const idBytes = version < 2 ? 2 : 4;
  for (let left = reader.bytes(idBytes); left > 0; left--) {
    const id = reader.bytes(idBytes);
    const method = version === 0 ? 0 : reader.bytes(2) & 15;
    reader.skip(16);
    const base = reader.bytes(baseBytes ?? 0);
    const extents = Array.from({ length: reader.bytes(2) }, () => {
      if (version > 0) reader.skip((indexBytes ?? 0) * 8);
      return [base + reader.bytes(offsetBytes ?? 0), reader.bytes(lengthBytes ?? 0)] as const;
    });
    const source = method === 1 ? idat : file;
    const pieces = extents.flatMap(([from, length]) => {
      const end = Math.min(length === 0 ? Number.POSITIVE_INFINITY : from + length, source?.byteLength ?? 0);
      return source === undefined || from > end ? [] : [slice(source, from, end)];
    });
    places.set(id, pieces);
  }
  return places;
}
