import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, labelled, launch, type TestFile, visit } from '../support/browser/browser.ts';
import { jpeg, textFile, twelveMegapixels } from '../support/browser/files.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';

describe.skipIf(!hasBrowser)('A result', () => {
  let browser: Browser;
  let service: LocalService;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launch(), startLocalService({ BASE_PATH: '/some/prefix' })]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  });

  const open = () => visit(browser, service.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

  test('is copied as the JSON that the API answers', async () => {
    await using visited = await open();
    const { page } = visited;
    await page.setInputFiles('#files', await jpeg('disc.jpg'));
    const card = await labelled(page, 'disc.jpg');
    await card.getByRole('button', { name: 'Copy JSON' }).click();
    await card.getByText('Copied').waitFor();
    const copied = JSON.parse(await clipboard(page));
    expect(copied).toHaveLength(3);
    expect(Object.keys(copied[0])).toEqual(['label', 'score']);
  });

  test('is a row of the CSV file, and so is a failure, with its reason', async () => {
    await using visited = await open();
    const { page } = visited;
    await page.setInputFiles('#files', [await jpeg('one, two.jpg'), await jpeg('=1+1.jpg', 1), textFile]);
    await labelled(page, 'one, two.jpg');
    await labelled(page, '=1+1.jpg');
    await page.locator('.failed').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const stream = await (await download).createReadStream();
    const lines = Buffer.concat(await stream.toArray())
      .toString()
      .trim()
      .split('\r\n');
    expect(lines[0]).toBe('file,label_1,score_1,label_2,score_2,label_3,score_3,error');
    expect(lines[1]).toMatch(/^"one, two\.jpg",/);
    expect(lines[2]).toMatch(/^'=1\+1\.jpg,/);
    expect(lines[3]).toMatch(/^notes\.txt,,,,,,,"?unsupported_image: /);
    expect(lines).toHaveLength(4);
  });

  test.each([
    ['a small file', () => jpeg("it's a disc.jpg")],
    ['a large file', () => twelveMegapixels('camera photo.jpg')],
  ])('shows a curl line that does the same for %s', async (_, make) => {
    await using folder = await temporaryFolder();
    await using visited = await open();
    const { page } = visited;
    const file: TestFile = await make();
    await writeFile(join(folder.path, file.name), file.buffer);
    await page.setInputFiles('#files', file);
    const card = await labelled(page, file.name);
    await card.getByRole('button', { name: 'curl', exact: false }).first().click();
    await card.locator('.curl').waitFor();
    const command = (await card.locator('.curl code').textContent()) ?? '';
    const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: folder.path });
    const answer = JSON.parse(stdout);
    const labels: { label: string; score: number }[] = Array.isArray(answer) ? answer : answer.predictions;
    const texts = labels.map(
      ({ label, score }) => `${label.replaceAll('_', ' ')}${(score * 100).toFixed(1)}%`,
    );
    expect(await card.locator('.labels li').allTextContents()).toEqual(texts);
  });

  test('is deleted from the page and from the service, and the focus goes on', async () => {
    await using visited = await open();
    const { page } = visited;
    await page.setInputFiles('#files', [await jpeg('first.jpg'), await jpeg('second.jpg', 1)]);
    await labelled(page, 'second.jpg');
    const card = await labelled(page, 'first.jpg');
    const deleted = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await card.getByRole('button', { name: 'Delete' }).click();
    expect((await deleted).status()).toBe(204);
    expect((await fetch((await deleted).url())).status).toBe(404);
    await expect.poll(() => page.locator('.card').count()).toBe(1);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('second.jpg');
  });

  test('keeps its place through a reload, newest first', async () => {
    await using visited = await open();
    const { page } = visited;
    await page.setInputFiles('#files', [await jpeg('a.jpg'), await jpeg('b.jpg', 1)]);
    await labelled(page, 'b.jpg');
    await page.setInputFiles('#files', await jpeg('c.jpg', 2));
    await labelled(page, 'c.jpg');
    const names = () => page.locator('#list .name').allTextContents();
    expect(await names()).toEqual(['c.jpg', 'a.jpg', 'b.jpg']);
    await page.reload();
    await labelled(page, 'c.jpg');
    expect(await names()).toEqual(['c.jpg', 'a.jpg', 'b.jpg']);
  });

  test('stays through a reload with its picture, and is gone when all are deleted', async () => {
    await using visited = await open();
    const { page } = visited;
    const predicted = page.waitForResponse((response) => response.url().includes('/predict'));
    await page.setInputFiles('#files', await jpeg('kept.jpg'));
    const job = `${service.url}${(await predicted).headers().location}`;
    const before = await (await labelled(page, 'kept.jpg')).locator('.labels').textContent();
    await page.reload();
    const card = await labelled(page, 'kept.jpg');
    expect(await card.locator('.labels').textContent()).toBe(before);
    expect(await card.locator('img').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Delete all' }).click();
    await expect.poll(() => page.locator('.card').count()).toBe(0);
    await page.reload();
    // Leaving the page settles what could still have been undone.
    await expect.poll(async () => (await fetch(job)).status).toBe(404);
    expect(await page.locator('#results').isVisible()).toBe(false);
    expect(visited.errors).toEqual([]);
  });

  test('is back, with all others, when "Delete all" is undone', async () => {
    await using visited = await open();
    const { page } = visited;
    await page.setInputFiles('#files', [await jpeg('a.jpg'), await jpeg('b.jpg', 1)]);
    for (const name of ['a.jpg', 'b.jpg']) await labelled(page, name);
    await page.getByRole('button', { name: 'Delete all' }).click();
    await expect.poll(() => page.getByRole('status').first().textContent()).toBe('2 pictures deleted.');
    await page.getByRole('button', { name: 'Undo' }).click();
    for (const name of ['a.jpg', 'b.jpg']) await labelled(page, name);
    await page.reload();
    for (const name of ['a.jpg', 'b.jpg']) await labelled(page, name);
  });

  test('opens in full by a click, and the arrow keys go on', async () => {
    await using visited = await open();
    const { page } = visited;
    await page.setInputFiles('#files', [await jpeg('a.jpg'), await jpeg('b.jpg', 1)]);
    await labelled(page, 'b.jpg');
    await page.getByRole('button', { name: 'Enlarge: a.jpg' }).click();
    const caption = page.locator('#viewer-caption');
    await expect.poll(() => caption.textContent()).toContain('a.jpg');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => caption.textContent()).toContain('b.jpg');
    await expect
      .poll(() => page.locator('#viewer-image').evaluate((image) => Reflect.get(image, 'naturalWidth')))
      .toBe(320);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('#viewer').isVisible()).toBe(false);
  });

  test('is found by its name, and failures are counted by kind', async () => {
    await using visited = await open();
    const { page } = visited;
    const twice = { ...textFile, name: 'more.txt' };
    await page.setInputFiles('#files', [await jpeg('a.jpg'), await jpeg('b.jpg', 1), textFile, twice]);
    await expect.poll(() => page.title()).toBe('4 done, 2 failed · Label on upload');
    expect(await page.locator('#failures li').allTextContents()).toEqual([
      'Not a picture that can be read: 2',
    ]);
    await page.getByLabel('Show').selectOption('failed');
    await expect.poll(() => page.locator('.card:visible').count()).toBe(2);
    await page.getByLabel('Show').selectOption('all');
    await page.locator('#search').fill('a.jpg');
    await expect.poll(() => page.locator('.card:visible .name').allTextContents()).toEqual(['a.jpg']);
  });

  test('is of its own tab, also where that tab was duplicated', async () => {
    await using visited = await open();
    const { page } = visited;
    await page.setInputFiles('#files', await jpeg('first.jpg'));
    await labelled(page, 'first.jpg');
    // A tab that is opened by another one starts with a copy of its sessionStorage, as a duplicate does.
    const opened = page.context().waitForEvent('page');
    await page.evaluate((url) => void window.open(url), service.url);
    const duplicate = await opened;
    const session = (tab: Page) => tab.evaluate(() => JSON.stringify(sessionStorage));
    const first = await session(page);
    // It first waits a moment for the name to become free, as after a link that leads back.
    await expect.poll(() => session(duplicate)).not.toBe(first);
    await duplicate.setInputFiles('#files', await jpeg('second.jpg', 1));
    await labelled(duplicate, 'second.jpg');
    for (const [tab, name] of [
      [page, 'first.jpg'],
      [duplicate, 'second.jpg'],
    ] as const) {
      await tab.reload();
      await labelled(tab, name);
      expect(await tab.locator('.card').count()).toBe(1);
    }
  });
});
