import { drawRings, drawScene, toSharp } from '../support/pictures/drawn.ts';
import { heicFile } from '../support/pictures/heic.ts';
import { runLengthBitmap } from './generators/bmp.ts';
import { gifFile } from './generators/gif.ts';
import { manyScans } from './generators/jpeg.ts';
import { plainTags, tiffFile } from './generators/tiff.ts';

export interface ValidFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A small file of each format and of each kind that has a path of its own through the decoders. */
export async function validFiles(): Promise<ValidFile[]> {
  const scene = () => toSharp(drawScene(48, 32));
  const rings = () => toSharp(drawRings(40, 40));
  const animated = { raw: { width: 24, height: 48, channels: 3, pageHeight: 24 } } as const;
  const frames = Buffer.concat([drawScene(24, 24), drawRings(24, 24)].map(({ data }) => Buffer.from(data)));
  const { default: sharp } = await import('sharp');
  const encoded: Record<string, Promise<Buffer> | Buffer> = {
    'baseline JPEG': scene().jpeg().toBuffer(),
    'JPEG with restarts and EXIF': scene()
      .withMetadata({ orientation: 6 })
      .jpeg({ chromaSubsampling: '4:4:4' })
      .toBuffer(),
    'progressive JPEG': rings().jpeg({ progressive: true }).toBuffer(),
    'JPEG of many scans': manyScans(48, 32, 60),
    'CMYK JPEG': scene().toColourspace('cmyk').jpeg().toBuffer(),
    PNG: scene().png().toBuffer(),
    'interlaced PNG': rings().ensureAlpha(0.5).png({ progressive: true }).toBuffer(),
    'PNG with a palette': scene().png({ palette: true, colours: 16 }).toBuffer(),
    WebP: scene().webp().toBuffer(),
    'lossless WebP': rings().webp({ lossless: true }).toBuffer(),
    'animated WebP': sharp(frames, animated).webp().toBuffer(),
    GIF: scene().gif().toBuffer(),
    'animated GIF': sharp(frames, animated).gif().toBuffer(),
    'small GIF frame': gifFile({
      screen: [9, 9],
      palette: [1, 2, 3, 4],
      frame: { left: 2, top: 2, width: 4, height: 4 },
      indices: Array(16).fill(1),
      interlaced: true,
    }),
    AVIF: scene().avif({ effort: 0 }).toBuffer(),
    'AVIF with alpha': rings().ensureAlpha(0.5).avif({ effort: 0 }).toBuffer(),
    HEIC: heicFile('turned'),
    TIFF: tiffFile([plainTags(48, 32, 3)], drawScene(48, 32).data),
    'LZW TIFF': scene().tiff({ compression: 'lzw' }).toBuffer(),
    'JPEG TIFF': scene().tiff({ compression: 'jpeg' }).toBuffer(),
    'tiled TIFF': scene()
      .tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 })
      .toBuffer(),
    'signed TIFF': tiffFile([plainTags(40, 40, 3, [[339, 3, [2]]])], drawRings(40, 40).data),
    BMP: bitmap24(),
    'run-length BMP': runLengthBitmap(
      20,
      4,
      Buffer.from([10, 1, 10, 0, 0, 0, 0, 5, 1, 0, 1, 0, 1, 0, 0, 2, 3, 1, 9, 1, 0, 0, 0, 1]),
    ),
  };
  return Promise.all(Object.entries(encoded).map(async ([name, bytes]) => ({ name, bytes: await bytes })));
}

function bitmap24(): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM', 'latin1');
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(16, 18);
  header.writeInt32LE(16, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, Buffer.alloc(16 * 48, 0x37)]);
}
