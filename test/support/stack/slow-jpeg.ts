import { decodeImage } from '../model/decode.ts';

/** Sides in pixels: almost as many as are admitted. */
const width = 16_000;
const height = 3_100;
const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);

/**
 * A poison image without a fault in it: a progressive JPEG (ITU-T T.81, annex G) whose scans change nothing, each of which the decoder
 * walks through in full. Half a megabyte takes at least `seconds` here, past the time that decoding one image may take.
 */
export async function slowJpeg(seconds: number): Promise<Buffer> {
  const scans = 200;
  const sample = jpegOfScans(scans);
  // The quickest of three: what else the machine does now it may not do later.
  const times = [await decodeTime(sample), await decodeTime(sample), await decodeTime(sample)];
  return jpegOfScans(Math.ceil((seconds * 1000 * scans) / Math.min(...times)));
}

/** In milliseconds. */
async function decodeTime(bytes: Buffer): Promise<number> {
  const started = performance.now();
  await decodeImage({ bytes });
  return performance.now() - started;
}

function jpegOfScans(scans: number): Buffer {
  const start = [
    ...[0xff, 0xd8],
    ...segment(0xdb, [0, ...Array<number>(64).fill(1)]),
    ...segment(0xc2, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]),
    // One code each, the bit 0: a difference of nothing, and a run of 2^14 blocks or more with nothing in them.
    ...huffmanTable(0x00, 0x00),
    ...huffmanTable(0x10, 0xe0),
    ...segment(0xda, [1, 1, 0, 0, 0, 0]),
    ...Array<number>(Math.ceil(blocks / 8)).fill(0),
  ];
  const scan = Buffer.from([...segment(0xda, [1, 1, 0, 1, 63, 0]), ...emptyRuns()]);
  return Buffer.concat([Buffer.from(start), ...Array<Buffer>(scans).fill(scan), Buffer.from([0xff, 0xd9])]);
}

function segment(marker: number, content: readonly number[]): number[] {
  const length = content.length + 2;
  return [0xff, marker, length >> 8, length & 255, ...content];
}

function huffmanTable(id: number, symbol: number): number[] {
  return segment(0xc4, [id, 1, ...Array<number>(15).fill(0), symbol]);
}

/** Runs of empty blocks for the whole picture: the code, then how many more than 2^14, in 14 bits. */
function emptyRuns(): number[] {
  let bits = '';
  for (let left = blocks; left > 0; ) {
    const run = Math.min(2 ** 15 - 1, Math.max(left, 2 ** 14));
    bits += `0${(run - 2 ** 14).toString(2).padStart(14, '0')}`;
    left -= run;
  }
  const bytes = bits.match(/.{1,8}/g) ?? [];
  // A byte of ones is followed by a zero, so that it is no marker.
  return bytes
    .map((byte) => Number.parseInt(byte.padEnd(8, '1'), 2))
    .flatMap((byte) => (byte === 255 ? [255, 0] : [byte]));
}
