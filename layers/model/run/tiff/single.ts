import type { TiffDirectory } from './directory.ts';

/** Tags that say what the samples are (TIFF 6.0; its technical note 2 for JPEG): a decoder unpacks others only to drop them. */
const neededTags = [
  ...[254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320],
  ...[322, 323, 324, 325, 332, 338, 339, 347, 529, 530, 531, 532],
];

/** The file with one directory, that of its first picture: further pages and unneeded tags cost nothing. */
export function keepFirstPicture(bytes: Uint8Array, directory: TiffDirectory): Buffer {
  const { little, isBig, entries } = directory;
  const kept = [...entries.values()].filter(({ tag }) => neededTags.includes(tag));
  kept.sort((a, b) => a.tag - b.tag);
  const [countBytes, entryBytes, room] = isBig ? [8, 20, 8] : [2, 12, 4];
  const start = Math.ceil(bytes.byteLength / 2) * 2;
  const file = Buffer.alloc(start + countBytes + kept.length * entryBytes + room);
  file.set(bytes);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const putOffset = (at: number, value: number) =>
    isBig ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
  putOffset(isBig ? 8 : 4, start);
  if (isBig) putOffset(start, kept.length);
  else view.setUint16(start, kept.length, little);
  for (const [index, { tag, type, count, at, bytes: size }] of kept.entries()) {
    const to = start + countBytes + index * entryBytes;
    view.setUint16(to, tag, little);
    view.setUint16(to + 2, type, little);
    putOffset(to + 4, count);
    if (size <= room) file.set(bytes.subarray(at, at + size), to + entryBytes - room);
    else putOffset(to + entryBytes - room, at);
  }
  return file;
}
