import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, labelled, launch, visit } from '../support/browser/browser.ts';
import { jpeg } from '../support/browser/files.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';
import { writeModelFolder } from '../support/model/own.ts';

describe.skipIf(!hasBrowser)('Where a service has two models, the page', () => {
  let browser: Browser;
  let service: LocalService;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const { MODEL_CACHE = join(folder.path, 'cache') } = process.env;
    const MODEL = `tints=${await writeModelFolder(folder.path)},imagenet=`;
    [browser, service] = await Promise.all([launch(), startLocalService({ MODEL, MODEL_CACHE })]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('lets people choose the one that sees the next pictures, and says which one answered', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    const choice = page.getByLabel('Model');
    await expect
      .poll(() => choice.locator('option').allTextContents())
      .toEqual(['tints, 3 labels', 'imagenet, 1,000 labels']);
    await page.setInputFiles('#files', await jpeg('first.jpg'));
    const first = await (await labelled(page, 'first.jpg')).locator('.labels').textContent();
    await choice.selectOption('imagenet');
    await page.getByText('Answered by mobilenet').waitFor();
    await page.setInputFiles('#files', await jpeg('second.jpg'));
    const second = await labelled(page, 'second.jpg');
    expect(await second.locator('.facts').textContent()).toContain('model imagenet');
    expect(await second.locator('.labels').textContent()).not.toBe(first);
    await second.getByRole('button', { name: 'curl' }).first().click();
    await second.locator('.curl').waitFor();
    expect(await second.locator('.curl code').textContent()).toContain('predict?model=imagenet');
    await page.getByRole('link', { name: 'Labels' }).click();
    await page.getByText('1000 labels').waitFor();
    await page.reload();
    await expect.poll(() => choice.inputValue()).toBe('imagenet');
    const facts = (await labelled(page, 'second.jpg')).locator('.facts');
    expect(await facts.textContent()).toContain('model imagenet');
    expect(visited.errors).toEqual([]);
  });
});

describe.skipIf(!hasBrowser)('Where a service has one model, the page', () => {
  test('offers no choice', async () => {
    await using service = await startLocalService();
    const browser = await launch();
    try {
      await using visited = await visit(browser, service.url);
      expect(await visited.page.getByLabel('Model').isVisible()).toBe(false);
    } finally {
      await browser.close();
    }
  });
});
