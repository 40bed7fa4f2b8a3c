import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launch } from '../support/browser/browser.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';

describe.skipIf(!hasBrowser)('A link that is opened by itself', () => {
  let browser: Browser;
  let service: LocalService;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launch(), startLocalService({ BASE_PATH: '/some/prefix' })]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  });

  async function open(path: string, width = 1000) {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(service.url + path);
    return { page, errors, [Symbol.asyncDispose]: () => context.close() };
  }

  test('to the labels finds some by their words', async () => {
    await using visited = await open('labels');
    const { page, errors } = visited;
    expect(await page.locator('tbody tr:visible').count()).toBe(1000);
    await page.getByRole('searchbox', { name: 'Find' }).fill('Retriever');
    expect(await page.getByRole('status').textContent()).toBe('5 of 1000');
    expect(await page.locator('tbody tr:visible').first().textContent()).toContain('retriever');
    expect(errors).toEqual([]);
  });

  test('to the model says in words what answers, and leads on', async () => {
    await using visited = await open('model', 320);
    const { page, errors } = visited;
    await page.getByText('It chooses among 1,000 labels').waitFor();
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect(scrollWidth).toBe(clientWidth);
    await page.getByRole('link', { name: 'API' }).click();
    await page.waitForURL(`${service.url}docs`);
    expect(errors).toEqual([]);
  });
});
