/** A tag and its values. */
export type Tag = readonly [tag: number, type: 3 | 4, values: readonly number[]];

/** A little-endian TIFF: a directory for each list of tags, one chained to the next, then `data`. */
export function tiffFile(directories: readonly (readonly Tag[])[], data: Uint8Array): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0', 'latin1'), Buffer.alloc(4)];
  let at = 8 + data.length + (data.length % 2);
  parts[1]?.writeUInt32LE(at);
  parts.push(Buffer.from(data), Buffer.alloc(data.length % 2));
  for (const [index, tags] of directories.entries()) {
    const directory = Buffer.alloc(2 + tags.length * 12 + 4);
    const outside: Buffer[] = [];
    let next = at + directory.length;
    directory.writeUInt16LE(tags.length);
    for (const [row, [tag, type, values]] of tags.entries()) {
      const size = type === 3 ? 2 : 4;
      const bytes = Buffer.alloc(Math.max(4, values.length * size));
      for (const [i, value] of values.entries()) {
        if (size === 2) bytes.writeUInt16LE(value, i * 2);
        else bytes.writeUInt32LE(value, i * 4);
      }
      directory.writeUInt16LE(tag, 2 + row * 12);
      directory.writeUInt16LE(type, 4 + row * 12);
      directory.writeUInt32LE(values.length, 6 + row * 12);
      if (bytes.length === 4) bytes.copy(directory, 10 + row * 12);
      else {
        directory.writeUInt32LE(next, 10 + row * 12);
        outside.push(bytes);
        next += bytes.length;
      }
    }
    if (index < directories.length - 1) directory.writeUInt32LE(next, directory.length - 4);
    parts.push(directory, ...outside);
    at = next;
  }
  return Buffer.concat(parts);
}

/** Tags of an uncompressed 8-bit picture in one strip, which begins behind the header. */
export function plainTags(width: number, height: number, samples: number, more: readonly Tag[] = []): Tag[] {
  const tags: Tag[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, Array(samples).fill(8)],
    [259, 3, [1]],
    [262, 3, [samples >= 3 ? 2 : 1]],
    [273, 4, [8]],
    [277, 3, [samples]],
    [278, 4, [height]],
    [279, 4, [Math.min(width * height * samples, 2 ** 32 - 1)]],
  ];
  const replaced = tags.filter(([tag]) => !more.some(([other]) => other === tag));
  return [...replaced, ...more].sort(([a], [b]) => a - b);
}
