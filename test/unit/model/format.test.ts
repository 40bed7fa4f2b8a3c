import { describe, expect, test } from 'vitest';
import { detectFormat, type ImageFormat } from '../../../layers/model/run/format.ts';
import { drawScene, toSharp } from '../../support/pictures/drawn.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** The `ftyp` box of a HEIF file: its size, its major brand, a version, compatible brands. */
function ftyp(major: string, ...compatible: string[]): Buffer {
  const brands = latin1(`ftyp${major}\0\0\0\0${compatible.join('')}`);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(brands.length + 4);
  return Buffer.concat([size, brands, latin1('\0\0\0\x20meta')]);
}

describe('detectFormat', () => {
  test.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)(
    'tells %s by its content',
    async (format) => {
      expect(detectFormat(await toSharp(drawScene(20, 10)).toFormat(format).toBuffer())).toBe(format);
    },
  );

  test.each<[ImageFormat, string, Buffer]>([
    ['tiff', 'a big-endian TIFF', latin1('MM\0*\0\0\0\x08')],
    ['tiff', 'a BigTIFF', latin1('II+\0\x08\0\0\0')],
    ['gif', 'an old GIF', latin1('GIF87a\x01\0\x01\0')],
    ['bmp', 'a bitmap with the usual header', latin1(`BM${'\0'.repeat(12)}\x28\0\0\0`)],
    ['bmp', 'a bitmap from OS/2', latin1(`BM${'\0'.repeat(12)}\x0c\0\0\0`)],
    ['avif', 'an AVIF sequence', ftyp('avis', 'msf1')],
    ['avif', 'an AVIF whose major brand is the generic one', ftyp('mif1', 'mif1', 'avif')],
  ])('tells %s: %s', (format, _, bytes) => {
    expect(detectFormat(bytes)).toBe(format);
  });

  test.each([
    ['text', latin1('hello, world')],
    ['text that begins like a bitmap', latin1('BMW is a car maker from Munich, Bavaria')],
    ['an SVG', latin1('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>')],
    ['a PDF', latin1('%PDF-1.7')],
    ['a WAV', latin1('RIFF\x24\0\0\0WAVEfmt ')],
    ['an MP4', ftyp('isom', 'iso2', 'avc1')],
    ['a single byte', latin1('\xff')],
  ])('refuses %s and names what is accepted', (_, bytes) => {
    expect(() => detectFormat(bytes)).toThrow(
      expect.objectContaining({
        code: 'unsupported_image',
        message: expect.stringMatching(/JPEG.*PNG.*BMP/),
      }),
    );
  });

  test.each([
    ['heic', ftyp('heic', 'mif1', 'heic')],
    ['mif1', ftyp('mif1', 'mif1', 'heic')],
    ['hevc', ftyp('hevc')],
  ])('tells HEIC by its brands: %s', (_, bytes) => {
    expect(detectFormat(bytes)).toBe('heic');
  });

  test('says of no bytes that the file is empty', () => {
    expect(() => detectFormat(new Uint8Array())).toThrow(expect.objectContaining({ code: 'empty_file' }));
  });

  test('does not read past a view on a larger buffer', () => {
    const whole = latin1('\xff\xd8\xffGIF89a');
    expect(detectFormat(whole.subarray(3))).toBe('gif');
  });
});
