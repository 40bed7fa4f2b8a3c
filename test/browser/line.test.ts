import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../infra/emulator/free-port.ts';
import { hasBrowser, labelled, launch, visit } from '../support/browser/browser.ts';
import { jpeg, twelveMegapixels } from '../support/browser/files.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { kill, startServerProcess, temporaryFolder } from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';

describe.skipIf(!hasBrowser)('A bad line', () => {
  let browser: Browser;
  let service: LocalService;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launch(), startLocalService()]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  });

  test('that is slow shows how much of a picture has gone', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 50,
      downloadThroughput: 1_000_000,
      uploadThroughput: 2_000_000,
    });
    const picture = await twelveMegapixels('camera.jpg');
    const percents = new Set<string>();
    await page.exposeFunction('seen', (text: string) => percents.add(text));
    await page.evaluate(() => {
      const list = document.querySelector('#list');
      const seen: unknown = Reflect.get(globalThis, 'seen');
      const watcher = new MutationObserver(() => {
        const text = list?.querySelector('.wait')?.textContent;
        if (text && typeof seen === 'function') seen(text);
      });
      if (list) watcher.observe(list, { subtree: true, childList: true });
    });
    await page.setInputFiles('#files', picture);
    await labelled(page, 'camera.jpg');
    const between = [...percents].filter((text) => /^Sending, ([1-9]|[1-9]\d)%$/.test(text));
    expect(between.length).toBeGreaterThan(3);
    expect(visited.errors).toEqual([]);
  });

  test('that does not let event streams through is no matter: the page asks instead', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    await page.route('**/events', (route) => route.fulfill({ status: 502, body: 'Bad gateway' }));
    await page.setInputFiles('#files', await jpeg('polled.jpg'));
    await labelled(page, 'polled.jpg');
  });

  test('that is cut while pictures are under way picks up where it was when the server is back', async () => {
    await using folder = await temporaryFolder();
    const environment = {
      ...(await modelEnvironment()),
      DATA_DIR: folder.path,
      PORT: `${await freePort()}`,
      WORKERS: '1',
    };
    const before = await startServerProcess(environment);
    await using visited = await visit(browser, before.url);
    const { page } = visited;
    // Large enough to keep one worker busy for a while after the first is labelled.
    const files = await Promise.all(
      Array.from({ length: 20 }, (_, at) => jpeg(`picture-${at}.jpg`, at, [1600, 1200])),
    );
    await page.setInputFiles('#files', files);
    await page.locator('.labels').first().waitFor();
    await kill(before);
    await page.getByText('No connection').first().waitFor();
    const after = await startServerProcess(environment);
    try {
      for (const { name } of files) await labelled(page, name);
    } finally {
      await kill(after);
    }
  });

  test('that stays away is named, and "Try again" goes on once it is back', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    await page.context().setOffline(true);
    await page.setInputFiles('#files', await jpeg('later.jpg'));
    await page.getByText('The service cannot be reached').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await labelled(page, 'later.jpg');
  });

  test('that is down when a picture is to be deleted leaves its labels, and deleting works once it is back', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    await page.setInputFiles('#files', await jpeg('stays.jpg'));
    const card = await labelled(page, 'stays.jpg');
    await page.context().setOffline(true);
    await card.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The service cannot be reached').waitFor();
    await labelled(page, 'stays.jpg');
    await page.context().setOffline(false);
    await card.getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => page.locator('.card').count()).toBe(0);
  });
});
