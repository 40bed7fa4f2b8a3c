import { crc32, deflateSync } from 'node:zlib';

/** A chunk of a PNG file: length, type, data, CRC (PNG, third edition, section 5.3). */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

/** A PNG with chunks put behind its header chunk. */
export function withChunks(png: Buffer, chunks: readonly Buffer[]): Buffer {
  const behindHeader = 33;
  return Buffer.concat([png.subarray(0, behindHeader), ...chunks, png.subarray(behindHeader)]);
}

/** A compressed text or a colour profile of a few kilobytes that unpacks to `bytes`. */
export function packedChunk(type: 'zTXt' | 'iCCP', bytes: number): Buffer {
  const packed = deflateSync(Buffer.alloc(bytes), { level: 9 });
  return pngChunk(type, Buffer.concat([Buffer.from('name\0\0', 'latin1'), packed]));
}
