import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, labelled, launch, visit } from '../support/browser/browser.ts';
import { jpeg } from '../support/browser/files.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';
import { writeModelFolder } from '../support/model/own.ts';

describe.skipIf(!hasBrowser)('The page of a service with two models', () => {
  let browser: Browser;
  let service: LocalService;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const MODEL = `tints=${await writeModelFolder(folder.path)},imagenet=`;
    [browser, service] = await Promise.all([
      launch(),
      startLocalService({ MODEL, MODEL_CACHE: join(folder.path, 'cache') }),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('lets people choose one, sends pictures to it, and remembers it', async () => {
    await using visited = await visit(browser, service.url);
    const { page, errors } = visited;
    const choice = page.getByRole('combobox', { name: 'Model' });
    await expect.poll(() => choice.inputValue()).toBe('tints');
    await page.setInputFiles('#files', await jpeg('first.jpg'));
    await expect
      .poll(async () => (await labelled(page, 'first.jpg')).textContent())
      .toMatch(/red|green|blue/);
    await choice.selectOption('imagenet');
    await page.getByText('Answered by mobilenet_v2').waitFor();
    await page.setInputFiles('#files', await jpeg('second.jpg', 1));
    const second = await labelled(page, 'second.jpg');
    expect(await second.locator('.labels').textContent()).not.toMatch(/\b(red|green|blue)\b/);
    await second.getByRole('button', { name: 'curl' }).click();
    await expect.poll(() => second.locator('.curl code').textContent()).toContain('predict?model=imagenet');
    await page.reload();
    await expect.poll(() => choice.inputValue()).toBe('imagenet');
    expect(errors).toEqual([]);
  });
});
