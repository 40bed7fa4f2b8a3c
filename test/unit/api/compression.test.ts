import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseCoding } from '../../../functions/shared/http/compression.ts';
import { bytesOf, textOf } from '../../support/api/answers.ts';
import { outcome } from '../../support/api/scenarios.ts';
import { type Service, startService } from '../../support/api/service.ts';

describe('The coding of an answer', () => {
  test.each([
    // What browsers send.
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    ['gzip;q=0.9, br;q=0.9', 'br'],
    ['gzip;q=0', undefined],
    ['gzip;q=0, br', 'br'],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['*;q=0.1, identity', undefined],
    ['identity', undefined],
    ['identity;q=0, gzip;q=0.1', 'gzip'],
    // Accepts nothing that there is.
    ['identity;q=0', undefined],
    ['identity;q=0, *;q=0', undefined],
    ['deflate, zstd', undefined],
    ['x-unknown', undefined],
    ['GZIP', 'gzip'],
    ['gzip ; q=0.3 , br;q=0.2', 'gzip'],
    ['gzip;q=nonsense', undefined],
    [',,;', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('for "%s" is %s', (header, coding) => {
    expect(chooseCoding(header)).toBe(coding);
  });
});

describe('An answer', () => {
  let service: Service;
  beforeEach(async () => {
    service = await startService();
  });
  afterEach(() => service[Symbol.asyncDispose]());

  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    service.ask({ path, headers, method });

  test.each(['/openapi.json', '/assets/script.js'])(
    'to GET %s is the same in every coding, with a tag for each',
    async (path) => {
      const plain = await ask(path);
      const forms = [
        plain,
        ...(await Promise.all(['br', 'gzip'].map((coding) => ask(path, { 'Accept-Encoding': coding })))),
      ];
      expect(forms.map(({ headers }) => headers?.['Content-Encoding'])).toEqual([undefined, 'br', 'gzip']);
      expect(new Set(forms.map(({ headers }) => headers?.ETag)).size).toBe(3);
      for (const form of forms) {
        expect(form.headers).toMatchObject({
          Vary: 'Accept-Encoding',
          ETag: expect.stringMatching(/^"[\w-]+"$/),
        });
        expect(textOf(form)).toBe(textOf(plain));
      }
      expect(Buffer.byteLength(forms[1]?.body ?? '')).toBeLessThan(Buffer.byteLength(plain.body) / 2);
    },
  );

  test('is not sent again to a client that has it in that coding, and is to one that has it in another', async () => {
    const accept = { 'Accept-Encoding': 'gzip' };
    const { headers } = await ask('/openapi.json', accept);
    const tag = { 'If-None-Match': `W/"other", ${headers?.ETag}` };
    const again = await ask('/openapi.json', { ...accept, ...tag });
    expect(again).toMatchObject({
      statusCode: 304,
      body: '',
      headers: { ETag: headers?.ETag, Vary: 'Accept-Encoding' },
    });
    expect(again.headers).not.toHaveProperty('Content-Encoding');
    expect((await ask('/openapi.json', { 'Accept-Encoding': 'br', ...tag })).statusCode).toBe(200);
  });

  test('that is an image is not compressed, whatever its client accepts', async () => {
    const answer = await ask('/assets/daisy.webp', { 'Accept-Encoding': 'gzip, br' });
    expect(answer.headers).toMatchObject({
      'Cache-Control': expect.stringContaining('immutable'),
      ETag: expect.any(String),
    });
    expect(answer.headers).not.toHaveProperty('Content-Encoding');
    expect(answer.headers).not.toHaveProperty('Vary');
    expect(bytesOf(answer).toString('latin1')).toMatch(/^RIFF/);
  });

  /** A job with so many labels that its document is long. */
  async function longJob(): Promise<string> {
    const { id } = await service.create({});
    const prediction = { index: 0, label: 'a_name_of_some_length_for_a_class'.repeat(3), score: 0.05 };
    const predictions = Array.from({ length: 20 }, () => prediction);
    await service.transition(id, { to: 'succeeded', at: new Date(), outcome: { ...outcome, predictions } });
    return id;
  }

  test('of some length that belongs to one job is compressed too', async () => {
    const path = `/status/${await longJob()}`;
    const query = { top: '20' };
    const plain = await service.ask({ path, query });
    const packed = await service.ask({ path, query, headers: { 'Accept-Encoding': 'br' } });
    expect(packed.headers).toMatchObject({ 'Content-Encoding': 'br', Vary: 'Accept-Encoding' });
    expect(textOf(packed)).toBe(plain.body);
    expect(plain.headers).toMatchObject({ Vary: 'Accept-Encoding' });
  });

  test.each(['/health', '/model'])('as short as that to GET %s is left as it is', async (path) => {
    const { headers } = await ask(path, { 'Accept-Encoding': 'br' });
    expect(headers).not.toHaveProperty('Content-Encoding');
  });

  test('that is a stream of events is never compressed', async () => {
    const path = `/status/${await longJob()}/events`;
    const answer = await service.ask({ path, query: { top: '20' }, headers: { 'Accept-Encoding': 'br' } });
    expect(answer.body.length).toBeGreaterThan(2048);
    expect(answer.headers).not.toHaveProperty('Content-Encoding');
  });

  test.each([
    ['/openapi.json', { 'Accept-Encoding': 'br' }],
    ['/openapi.json', {}],
    ['/health', {}],
    ['/assets/daisy.webp', {}],
  ])('to HEAD %s has the headers of GET and no body: %o', async (path, headers) => {
    const [get, head] = [await ask(path, headers), await ask(path, headers, 'HEAD')];
    expect(head).toMatchObject({ statusCode: 200, body: '' });
    const length = Buffer.byteLength(get.body, get.isBase64Encoded ? 'base64' : 'utf8');
    expect(head.headers).toEqual({ ...get.headers, 'Content-Length': String(length) });
  });
});
