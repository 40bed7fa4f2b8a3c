/** A bitmap's two headers (BITMAPFILEHEADER, BITMAPINFOHEADER) for 8-bit run lengths, a palette of two colours, and its runs. */
export function runLengthBitmap(width: number, height: number, runs: Uint8Array): Buffer {
  const header = Buffer.alloc(62);
  header.write('BM', 'latin1');
  header.writeUInt32LE(header.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(8, 28);
  header.writeUInt32LE(1, 30);
  header.writeUInt32LE(2, 46);
  header.writeUInt32LE(0xffffff, 58);
  return Buffer.concat([header, runs]);
}

/** Runs of 255 pixels without an end of line: all but the first lie outside the picture. */
export function endlessRuns(bytes: number): Buffer {
  return Buffer.alloc(bytes, Buffer.from([255, 1]));
}
