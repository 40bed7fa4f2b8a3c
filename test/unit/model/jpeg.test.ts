import { describe, expect, test } from 'vitest';
import { readJpegFrame } from '../../../layers/model/run/jpeg-header.ts';
import { drawScene, toSharp } from '../../support/pictures/drawn.ts';

describe('readJpegFrame', () => {
  const image = toSharp(drawScene(50, 30));

  test.each([
    ['baseline', {}, 3],
    ['progressive', { progressive: true }, 3],
  ])('reads the size of a %s JPEG', async (_, options, components) => {
    const bytes = await image.clone().jpeg(options).toBuffer();
    expect(readJpegFrame(bytes)).toEqual({ width: 50, height: 30, components });
  });

  test('counts the components of grey and CMYK', async () => {
    expect(readJpegFrame(await image.clone().toColourspace('b-w').jpeg().toBuffer())).toMatchObject({
      components: 1,
    });
    expect(readJpegFrame(await image.clone().toColourspace('cmyk').jpeg().toBuffer())).toMatchObject({
      components: 4,
    });
  });

  test('passes over metadata, even a thumbnail in it, and fill bytes before a marker', async () => {
    const bytes = await image.clone().jpeg().toBuffer();
    const thumbnail = await toSharp(drawScene(8, 4)).jpeg().toBuffer();
    const segment = Buffer.from([
      0xff,
      0xff,
      0xe1,
      (thumbnail.length + 2) >> 8,
      (thumbnail.length + 2) & 255,
    ]);
    const withThumbnail = Buffer.concat([bytes.subarray(0, 2), segment, thumbnail, bytes.subarray(2)]);
    expect(readJpegFrame(withThumbnail)).toMatchObject({ width: 50, height: 30 });
  });

  test('finds none in what is cut off, ends, or is no JPEG', async () => {
    const bytes = await image.clone().jpeg().toBuffer();
    for (let length = 0; length < 100; length++)
      expect(readJpegFrame(bytes.subarray(0, length))).toBeUndefined();
    expect(readJpegFrame(Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0, 0, 0, 0, 0, 0, 0]))).toBeUndefined();
    expect(readJpegFrame(Buffer.from('no JPEG, but longer than a header'))).toBeUndefined();
  });

  test('ends for a segment of no length', () => {
    expect(
      readJpegFrame(
        Buffer.from([0xff, 0xd8, ...Array.from({ length: 50 }, () => [0xff, 0xe0, 0, 0]).flat()]),
      ),
    ).toBeUndefined();
  });
});
