import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { labelsPage } from '../../../functions/site/reading-pages.ts';
import { textOf } from '../../support/api/answers.ts';
import { type Service, startService } from '../../support/api/service.ts';

/** What Chromium and Firefox send when a link is followed. */
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

describe.each(['/labels', '/model'])('GET %s', (path) => {
  let service: Service;
  beforeEach(async () => {
    service = await startService();
  });
  afterEach(() => service[Symbol.asyncDispose]());

  const ask = (headers: Record<string, string>) => service.ask({ path, headers });

  test('is a page in a browser, under a policy that lets nothing in', async () => {
    const answer = await ask({ Accept: browser });
    expect(answer.headers).toMatchObject({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^;]+; /),
      Vary: 'Accept, Accept-Encoding',
    });
    expect(textOf(answer)).toMatch(/^<!doctype html>/);
  });

  test.each([
    undefined,
    '*/*',
    'application/json',
    'application/json, text/html',
    'text/html;q=0.5, */*',
    'text/plain',
  ])('is JSON for a client that accepts %s', async (accept) => {
    const answer = await ask(accept === undefined ? {} : { Accept: accept });
    expect(answer.headers).toMatchObject({
      'Content-Type': 'application/json',
      Vary: 'Accept, Accept-Encoding',
    });
  });

  test('has a tag for each form', async () => {
    const [page, json] = [await ask({ Accept: browser }), await ask({})];
    expect(page.headers?.ETag).not.toBe(json.headers?.ETag);
    const tag = { 'If-None-Match': String(page.headers?.ETag) };
    expect((await ask({ Accept: browser, ...tag })).statusCode).toBe(304);
    expect((await ask(tag)).statusCode).toBe(200);
  });
});

test('The page of labels shows a label of any text as it is', () => {
  const { body } = labelsPage({
    name: 'own',
    labels: [{ label: '<b>"R&D"</b>' }, { label: 'hot_dog', wnid: 'n07697537' }],
  });
  expect(body.toString()).toContain('<td>&lt;b>&quot;R&amp;D&quot;&lt;/b></td>');
  expect(body.toString()).toContain('<td>1</td><td>hot dog</td><td><code>n07697537</code></td>');
});
