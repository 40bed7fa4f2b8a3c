import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** A picture that the tests draw themselves: a yellow disc on a blue ground, with stripes that depend on `variant`. */
export function drawPicture(width: number, height: number, variant = 0): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const disc = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (Math.min(width, height) / 3) ** 2;
      const stripe = (x + variant * y) % (16 + variant) < 8;
      pixels.set(disc ? [230, 200, stripe ? 90 : 40] : [20, stripe ? 90 : 50, 160], (y * width + x) * 3);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

export function drawJpeg(width = 320, height = 240, variant = 0): Promise<Buffer> {
  return drawPicture(width, height, variant).jpeg({ quality: 90 }).toBuffer();
}

/** A PNG whose header claims a size, with no pixels behind it. */
export async function claimingPng(width: number, height: number): Promise<Buffer> {
  const png = await drawPicture(8, 8).png().toBuffer();
  const header = Buffer.from(png.subarray(12, 29));
  header.writeUInt32BE(width, 4);
  header.writeUInt32BE(height, 8);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(header));
  return Buffer.concat([png.subarray(0, 12), header, crc, png.subarray(33)]);
}

/** The first bytes of a file from an iPhone: an ISO base media file of brand `heic`. */
export function heicHeader(): Buffer {
  const box = Buffer.alloc(24);
  box.writeUInt32BE(24);
  box.write('ftypheic', 4, 'latin1');
  box.write('mif1heic', 16, 'latin1');
  return Buffer.concat([box, Buffer.alloc(2000)]);
}
