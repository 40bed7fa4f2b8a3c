import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deliver,
  hasBrowser,
  labelled,
  launch,
  startServiceWithForeignStorage,
  visit,
} from '../support/browser/browser.ts';
import { heicFile, jpeg, textFile, twelveMegapixels } from '../support/browser/files.ts';
import { fileForm } from '../support/e2e/client.ts';
import type { LocalService } from '../support/local/poisoned-server.ts';

describe.skipIf(!hasBrowser)('A picture given to the page', () => {
  let browser: Browser;
  let service: LocalService;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launch(), startServiceWithForeignStorage()]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  });

  test('shows the labels and percentages that the API answers, when chosen by a click', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    const picture = await jpeg('disc.jpg');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose pictures' }).click();
    await (await chooser).setFiles(picture);
    const card = await labelled(page, 'disc.jpg');
    const answer = await fetch(new URL('predict', service.url), {
      method: 'POST',
      body: fileForm(picture.buffer),
    });
    const expected = (await answer.json()).map(
      ({ label, score }: { label: string; score: number }) =>
        `${label.replaceAll('_', ' ')}${(score * 100).toFixed(1)}%`,
    );
    expect(await card.locator('.labels li').allTextContents()).toEqual(expected);
    await expect.poll(() => page.getByRole('status').textContent()).toContain('disc.jpg: ');
    expect(await card.locator('img').isVisible()).toBe(true);
    expect(visited.errors).toEqual([]);
  });

  test.each(['drop', 'paste'] as const)('is taken by %s', async (kind) => {
    await using visited = await visit(browser, service.url);
    await deliver(visited.page, kind, [await jpeg('given.jpg')]);
    await labelled(visited.page, 'given.jpg');
    expect(visited.errors).toEqual([]);
  });

  test('is one of ten given at once, and all are labelled in their order', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    const files = await Promise.all(Array.from({ length: 10 }, (_, at) => jpeg(`picture-${at}.jpg`, at)));
    await page.setInputFiles('#files', files);
    for (const { name } of files) await labelled(page, name);
    expect(await page.locator('#list .name').allTextContents()).toEqual(files.map(({ name }) => name));
    expect(await page.locator('#results-title').textContent()).toBe('10 pictures');
    expect(visited.errors).toEqual([]);
  });

  test('goes by the form to another origin when it is large, with a preflight and visible progress', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    const devtools = await page.context().newCDPSession(page);
    const preflights: string[] = [];
    devtools.on('Network.requestWillBeSent', ({ request }) => {
      if (request.method === 'OPTIONS') preflights.push(request.url);
    });
    await devtools.send('Network.enable');
    const picture = await twelveMegapixels('camera.jpg');
    const sent = page.waitForRequest(
      (request) => request.url().endsWith('/storage') && request.method() === 'POST',
    );
    await page.setInputFiles('#files', picture);
    expect(new URL((await sent).url()).origin).not.toBe(new URL(service.url).origin);
    const card = await labelled(page, 'camera.jpg');
    expect(await card.locator('.facts').textContent()).toContain('4000 × 3000');
    expect(preflights.some((url) => url.endsWith('/storage'))).toBe(true);
    expect(visited.errors).toEqual([]);
  });

  test.each([
    [textFile, 'send JPEG'],
    [heicFile, 'The image is damaged or incomplete'],
    [{ name: 'none.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) }, 'The file is empty'],
    [
      { name: 'film.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(26 * 1024 ** 2) },
      'Send one of at most 25 MiB',
    ],
  ])('that cannot be labelled says why, and what to do: %#', async (file, words) => {
    await using visited = await visit(browser, service.url);
    await visited.page.setInputFiles('#files', file);
    const failure = visited.page.getByRole('listitem', { name: file.name, exact: true }).locator('.failed');
    await failure.waitFor();
    expect(await failure.textContent()).toContain(words);
    expect(await visited.page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(visited.errors).toEqual([]);
  });

  test('that storage refuses gets the refusal in words', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    await page.route('**/storage', (route) =>
      route.fulfill({
        status: 400,
        headers: { 'Access-Control-Allow-Origin': '*' },
        contentType: 'application/xml',
        body: '<Error><Code>EntityTooLarge</Code><MaxSizeAllowed>26214400</MaxSizeAllowed></Error>',
      }),
    );
    await page.setInputFiles('#files', await twelveMegapixels('camera.jpg'));
    const failure = page.locator('.failed');
    await failure.waitFor();
    expect(await failure.textContent()).toContain('Send one of at most 25 MiB');
  });

  test('may be one of the samples on the first screen', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    await page.getByRole('button', { name: 'Daisy' }).click();
    await labelled(page, 'daisy.webp');
    expect(visited.errors).toEqual([]);
  });

  test('as a link is refused with what to do instead', async () => {
    await using visited = await visit(browser, service.url);
    await visited.page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData('text/uri-list', 'https://pictures.example/cat.jpg');
      document.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    await visited.page.getByText('That is a link. Save the picture').waitFor();
  });

  test('waits as long as a busy service says, and is labelled then', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    let refusals = 0;
    await page.route('**/predict?*', async (route) => {
      if (refusals++ > 0) return route.continue();
      const body = JSON.stringify({ code: 'busy', detail: 'Try again.', title: 'Busy', status: 503 });
      const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '1' };
      return route.fulfill({ status: 503, headers, body });
    });
    await page.setInputFiles('#files', await jpeg('patient.jpg'));
    await labelled(page, 'patient.jpg');
    expect(refusals).toBe(2);
  });

  test.each([
    ['IndexedDB', () => Reflect.defineProperty(window, 'indexedDB', { get: refuse })],
    ['sessionStorage', () => Reflect.defineProperty(window, 'sessionStorage', { get: refuse })],
    ['workers', () => Reflect.defineProperty(window, 'Worker', { get: refuse })],
  ] as const)('is labelled in a browser that refuses %s', async (_, refused) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.addInitScript(`${refuse}; (${refused})()`);
    await page.goto(service.url);
    await page.setInputFiles('#files', await jpeg('private.jpg'));
    await labelled(page, 'private.jpg');
    expect(errors).toEqual([]);
    await context.close();
  });

  test('is labelled where the service did not answer at first, and then the page says by what', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    await page.route('**/model', (route) => route.abort());
    await page.reload();
    await page.getByText('The service does not answer').waitFor();
    await page.unroute('**/model');
    await page.setInputFiles('#files', await jpeg('late.jpg'));
    await labelled(page, 'late.jpg');
    await page.getByText('Answered by').waitFor();
  });
});

/** Runs in the page, as a browser with storage switched off does. */
function refuse(): never {
  throw new DOMException('Denied', 'SecurityError');
}
