import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jpeg } from '../support/browser/files.ts';
import { hasFirefox, launchFirefox, visitInFirefox } from '../support/browser/firefox.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';

describe.skipIf(!hasFirefox)('In Firefox, the page', () => {
  let browser: Browser;
  let service: LocalService;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    [browser, service, folder] = await Promise.all([
      launchFirefox(),
      startLocalService({ BASE_PATH: '/some/prefix' }),
      temporaryFolder(),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  /** Chooses pictures of these names, and waits for their labels. */
  async function choose(page: Page, ...names: string[]): Promise<void> {
    const paths = names.map((name) => join(folder.path, name));
    await Promise.all(paths.map(async (path, at) => writeFile(path, (await jpeg('', at)).buffer)));
    const input = await page.$('input#files');
    await input?.uploadFile(...paths);
    for (const name of names) await page.waitForSelector(labelsOf(name));
  }

  const labelsOf = (name: string) => `li[aria-label="${name}"] .labels li:nth-child(3)`;
  const count = (page: Page) => page.$$eval('.card', (cards) => cards.length);
  const text = (page: Page, selector: string) => page.$eval(selector, (found) => found.textContent);
  const ground = (page: Page) =>
    page.evaluate(() =>
      Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)?.[0] ?? Number.NaN),
    );

  test('says either "Drop pictures here" or "Add pictures"', async () => {
    await using visited = await visitInFirefox(browser, service.url);
    const shown = await visited.page.$$eval('#drop-title span', (spans) =>
      spans.filter((span) => span.checkVisibility()).map((span) => span.textContent),
    );
    expect(shown).toEqual(['Drop pictures here']);
  });

  test('labels chosen pictures, and shows them again after a reload', async () => {
    await using visited = await visitInFirefox(browser, service.url);
    const { page } = visited;
    await choose(page, 'a.jpg', 'b.jpg');
    await page.waitForSelector('li[aria-label="a.jpg"] img[src]:not([hidden])');
    const before = await text(page, 'li[aria-label="a.jpg"] .labels');
    await page.reload();
    await page.waitForSelector(labelsOf('b.jpg'));
    expect(await text(page, 'li[aria-label="a.jpg"] .labels')).toBe(before);
    await page.waitForSelector('li[aria-label="a.jpg"] img[src]:not([hidden])');
    expect(visited.errors).toEqual([]);
  });

  test('takes a picture that is dropped', async () => {
    await using visited = await visitInFirefox(browser, service.url);
    const { page } = visited;
    await page.evaluate(drop, (await jpeg('')).buffer.toString('base64'));
    await page.waitForSelector(labelsOf('dropped.jpg'));
    expect(visited.errors).toEqual([]);
  });

  test('deletes one picture at the service, and takes "Delete all" back', async () => {
    await using visited = await visitInFirefox(browser, service.url);
    const { page } = visited;
    await choose(page, 'a.jpg', 'b.jpg', 'c.jpg');
    await page.click('[aria-label="Delete: b.jpg"]');
    await expect.poll(() => count(page)).toBe(2);
    await page.click('#clear');
    await expect.poll(() => count(page)).toBe(0);
    await page.click('#undo-button');
    await expect.poll(() => count(page)).toBe(2);
    await page.waitForSelector(labelsOf('a.jpg'));
    await page.waitForSelector(labelsOf('c.jpg'));
    expect(visited.errors).toEqual([]);
  });

  test('opens a picture in full, the labels and the model, and closes them by Escape', async () => {
    await using visited = await visitInFirefox(browser, service.url);
    const { page } = visited;
    await choose(page, 'a.jpg');
    for (const [opener, dialog] of [
      ['[aria-label="Enlarge: a.jpg"]', '#viewer'],
      ['#labels-link', '#labels-dialog'],
      ['#model-link', '#model-dialog'],
    ] as const) {
      await page.waitForSelector(`${opener}:not(:disabled)`);
      await page.click(opener);
      await page.waitForSelector(dialog);
      await page.keyboard.press('Escape');
      await page.waitForSelector(dialog, { hidden: true });
    }
    expect(visited.errors).toEqual([]);
  });

  test('is light or dark as the system is', async () => {
    await using visited = await visitInFirefox(browser, service.url);
    expect(await ground(visited.page)).toBeGreaterThan(240);
    const dark = await launchFirefox({ 'ui.systemUsesDarkTheme': 1 });
    try {
      await using visitedDark = await visitInFirefox(dark, service.url);
      expect(await ground(visitedDark.page)).toBeLessThan(40);
    } finally {
      await dark.close();
    }
  });

  test.each([320, 2560])('fits a window of %i pixels, empty or full', async (width) => {
    await using visited = await visitInFirefox(browser, service.url);
    const { page } = visited;
    await page.setViewport({ width, height: 800 });
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    await choose(page, 'a.jpg', `${'long-name-'.repeat(12)}.jpg`);
    expect(await overflow()).toBe(0);
  });
});

/** Runs in the page: lets go of a picture over it. */
function drop(base64: string): void {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  transfer.items.add(new File([bytes], 'dropped.jpg', { type: 'image/jpeg' }));
  const event = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.querySelector('#drop')?.dispatchEvent(event);
}
