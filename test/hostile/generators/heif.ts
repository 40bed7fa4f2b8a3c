/** A box of an ISO base media file. */
function box(type: string, ...content: Uint8Array[]): Buffer {
  const data = Buffer.concat(content);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + data.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, data]);
}

const fullBox = (type: string, version: number, flags: number, ...content: Uint8Array[]) =>
  box(type, Buffer.from([version, 0, 0, flags]), ...content);

const word = (value: number) => Buffer.from([value >> 8, value & 255]);
const long = (value: number) =>
  Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);

/** Finds what a box inside `file` holds, whatever boxes it lies in. */
function contentOf(file: Buffer, type: string): Buffer {
  const at = file.indexOf(type, 0, 'latin1') - 4;
  return file.subarray(at + 8, at + file.readUInt32BE(at));
}

/**
 * An AVIF whose primary picture is a grid of 1 by `count` tiles that are all the same one, shown cropped to that tile's size (ISO/IEC
 * 23008-12, section 6.6.2.3).
 * @param single an AVIF with one picture whose data is the whole of its `mdat` box.
 */
export function repeatedTile(single: Buffer, count: number): Buffer {
  const [configuration, size] = [contentOf(single, 'av1C'), contentOf(single, 'ispe')];
  const data = contentOf(single, 'mdat');
  const columns = Math.min(count, 200);
  const rows = Math.ceil(count / columns);
  const grid = Buffer.concat([
    Buffer.from([0, 0, rows - 1, columns - 1]),
    size.subarray(6, 8),
    size.subarray(10, 12),
  ]);
  const entry = (id: number, type: string) =>
    fullBox('infe', 2, 0, word(id), word(0), Buffer.from(`${type}\0`, 'latin1'));
  const meta = (dataAt: number) =>
    fullBox(
      'meta',
      ...[0, 0],
      fullBox('hdlr', 0, 0, long(0), Buffer.from('pict', 'latin1'), Buffer.alloc(13)),
      fullBox('pitm', 0, 0, word(1)),
      fullBox('iinf', 0, 0, word(2), entry(1, 'grid'), entry(2, 'av01')),
      fullBox(
        'iref',
        0,
        0,
        box('dimg', word(1), word(rows * columns), ...Array<Buffer>(rows * columns).fill(word(2))),
      ),
      box(
        'iprp',
        box(
          'ipco',
          box('ispe', size),
          box('av1C', configuration),
          box('pixi', Buffer.from([0, 0, 0, 0, 3, 8, 8, 8])),
        ),
        fullBox(
          'ipma',
          0,
          0,
          long(2),
          word(1),
          Buffer.from([2, 1, 3]),
          word(2),
          Buffer.from([3, 1, 0x82, 3]),
        ),
      ),
      fullBox(
        'iloc',
        ...[1, 0],
        Buffer.from([0x44, 0]),
        word(2),
        ...[word(1), word(1), word(0), word(1), long(0), long(grid.length)],
        ...[word(2), word(0), word(0), word(1), long(dataAt), long(data.length)],
      ),
      box('idat', grid),
    );
  const brands = box('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf', 'latin1'));
  const head = brands.length + meta(0).length;
  return Buffer.concat([brands, meta(head + 8), box('mdat', data)]);
}
