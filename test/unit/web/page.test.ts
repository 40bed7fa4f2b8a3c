import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { csvHeader, csvLine } from '../../../client/csv.ts';
import { toFailure } from '../../../client/failure.ts';
import { bytesText, durationText, percentText } from '../../../client/format.ts';
import { wayOf } from '../../../client/submit.ts';
import { buildPage } from '../../../web/build.ts';
import { curlCommand } from '../../../web/src/export.ts';
import { Pool } from '../../../web/src/pool.ts';

const limits = {
  inlineImageBytes: 4,
  uploadedImageBytes: 9,
  imagePixels: 1,
  imageSide: 1,
  retentionSeconds: 60,
};

describe('The built page', () => {
  test('is one document of at most 60 KB that names nothing outside itself', async () => {
    const { html } = await buildPage();
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(60_000);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(html).not.toContain('style="');
    // One that runs, and the worker's.
    expect(html.match(/<script/g)).toHaveLength(2);
  });

  test('names each file beside it by a digest of its content', async () => {
    const { html, assets } = await buildPage();
    expect(Object.keys(assets)).toHaveLength(5);
    for (const [name, { base64 }] of Object.entries(assets)) {
      const digest = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
      expect(name).toMatch(new RegExp(`^[a-z-]+\\.${digest.slice(0, 10)}\\.(webp|js)$`));
      expect(html).toContain(`"${name}"`);
    }
  });

  test('is the same when it is built again, and so are its digests', async () => {
    expect(await buildPage()).toEqual(await buildPage());
  });
});

describe('A refusal in words', () => {
  test.each([
    [415, '{"code":"unsupported_image","detail":"Send JPEG."}', 'unsupported_image', 'Send JPEG.'],
    [
      400,
      '<Error><Code>EntityTooLarge</Code><MaxSizeAllowed>26214400</MaxSizeAllowed></Error>',
      'image_too_large',
      '25 MiB',
    ],
    [400, '<Error><Code>EntityTooSmall</Code></Error>', 'empty_file', 'empty'],
    [403, '<Error><Code>AccessDenied</Code></Error>', 'upload_refused', 'Try again'],
    [503, '<Error><Code>SlowDown</Code></Error>', 'unavailable', 'busy'],
    [413, '{"message":"Request Too Long"}', 'image_too_large', 'smaller'],
    [502, '<html>Bad gateway</html>', 'unexpected', '502'],
  ])('%i %s', (status, body, code, words) => {
    const failure = toFailure(status, body);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(words);
  });
});

describe('A number in words', () => {
  test.each([
    [0.8541, '85.4%'],
    [0.0004, '<0.1%'],
    [0, '0.0%'],
    [1, '100.0%'],
  ])('score %f is %s', (score, text) => expect(percentText(score)).toBe(text));

  test.each([
    [11, '11 bytes'],
    [2048, '2 KiB'],
    [26_214_400, '25 MiB'],
  ])('%i bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

  test.each([
    [86_400, 'a day'],
    [3600, 'an hour'],
    [172_800, '2 days'],
    [30, '30 seconds'],
  ])('%i seconds are %s', (seconds, text) => expect(durationText(seconds)).toBe(text));
});

describe('The way in', () => {
  test('is /predict up to its limit, and the form above', () => {
    expect([4, 5].map((bytes) => wayOf(bytes, limits))).toEqual(['inline', 'presigned']);
  });

  test('by curl is quoted for any file name', () => {
    expect(curlCommand({ name: 'a.jpg', bytes: 4, model: undefined }, 'http://x/', limits)).toBe(
      'curl -F file=@a.jpg http://x/predict',
    );
    expect(curlCommand({ name: "it's.jpg", bytes: 4, model: undefined }, 'http://x/', limits)).toBe(
      "curl -F 'file=@it'\\''s.jpg' http://x/predict",
    );
    expect(curlCommand({ name: 'a;b.jpg', bytes: 4, model: undefined }, 'http://x/', limits)).toBe(
      `curl -F 'file=@"a;b.jpg"' http://x/predict`,
    );
  });
});

describe('CSV', () => {
  test('quotes what must be, and keeps formulas from being any', () => {
    expect(csvLine(['a', 'b"c', 'd,e', '=1+1'])).toBe(`a,"b""c","d,e",'=1+1\r\n`);
    expect(csvHeader(1)).toBe('file,label_1,score_1,error\r\n');
  });
});

describe('A pool', () => {
  test('runs no more tasks at once than it may, and all of them', async () => {
    const pool = new Pool(2);
    let [running, most, done] = [0, 0, 0];
    for (let at = 0; at < 6; at++) {
      pool.run(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running--;
        done++;
      });
    }
    await expect.poll(() => done).toBe(6);
    expect(most).toBe(2);
  });
});
