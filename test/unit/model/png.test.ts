import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { keepNeededChunks } from '../../../layers/model/run/png.ts';
import { pngChunk, withChunks } from '../../hostile/generators/png.ts';
import { decodeImage } from '../../support/model/decode.ts';
import { drawScene, toSharp } from '../../support/pictures/drawn.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const png = () => toSharp(drawScene(30, 20)).png().toBuffer();

/** An EXIF block with an orientation (TIFF 6.0, section 2). */
function exifBlock(orientation: number): Buffer {
  return Buffer.from([
    ...latin1('MM\0*\0\0\0\x08'),
    0,
    1,
    1,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
}

const magick = (orientation: number) =>
  `Raw profile type exif\0\nexif\n      26\n${exifBlock(orientation).toString('hex')}\n`;
const xmp = (orientation: number) => `<x:xmpmeta tiff:Orientation="${orientation}"/>`;

describe('keepNeededChunks', () => {
  test.each([
    ['eXIf', pngChunk('eXIf', exifBlock(6))],
    ["ImageMagick's text", pngChunk('tEXt', latin1(magick(6)))],
    [
      "ImageMagick's text, packed",
      pngChunk(
        'zTXt',
        Buffer.concat([
          latin1('Raw profile type exif\0\0'),
          deflateSync(latin1(magick(6).slice(magick(6).indexOf('\0') + 1))),
        ]),
      ),
    ],
    ['XMP', pngChunk('iTXt', latin1(`XML:com.adobe.xmp\0\0\0\0\0${xmp(6)}`))],
    [
      'packed XMP',
      pngChunk('iTXt', Buffer.concat([latin1('XML:com.adobe.xmp\0\x01\0\0\0'), deflateSync(latin1(xmp(6)))])),
    ],
  ])('reads the orientation from %s, and the picture is turned by it', async (_, chunk) => {
    const bytes = withChunks(await png(), [chunk]);
    expect(keepNeededChunks(bytes).orientation).toBe(6);
    expect(await decodeImage({ bytes })).toMatchObject({ width: 20, height: 30 });
  });

  test('takes EXIF before XMP, as Pillow does', async () => {
    const chunks = [
      pngChunk('iTXt', latin1(`XML:com.adobe.xmp\0\0\0\0\0${xmp(6)}`)),
      pngChunk('eXIf', exifBlock(3)),
    ];
    expect(keepNeededChunks(withChunks(await png(), chunks)).orientation).toBe(3);
  });

  test('turns nothing for metadata that are damaged', async () => {
    const chunks = [
      pngChunk('eXIf', latin1('MM')),
      pngChunk('zTXt', latin1('Raw profile type exif\0\0nonsense')),
    ];
    expect(keepNeededChunks(withChunks(await png(), chunks)).orientation).toBe(1);
  });

  test('leaves a file as it is that has needed chunks only', async () => {
    const bytes = await png();
    const bare = keepNeededChunks(bytes).bytes;
    expect(
      Buffer.compare(keepNeededChunks(Buffer.concat([bare, latin1('behind the end')])).bytes, bare),
    ).toBe(0);
  });
});
