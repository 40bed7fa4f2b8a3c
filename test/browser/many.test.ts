import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launch, visit } from '../support/browser/browser.ts';
import { jpeg } from '../support/browser/files.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';

const count = Number(process.env.MANY_PICTURES ?? 300);

describe.skipIf(!hasBrowser)('Many pictures at once', () => {
  let browser: Browser;
  let service: LocalService;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launch(), startLocalService()]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  });

  /** Gives the page `count` files that it makes itself of one picture: sending them over would take longer than the run. */
  async function give(page: Page): Promise<void> {
    const base64 = (await jpeg('picture.jpg')).buffer.toString('base64');
    await page.evaluate(
      ({ base64, count }) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        const transfer = new DataTransfer();
        for (let at = 0; at < count; at++)
          transfer.items.add(new File([bytes, `${at}`], `picture-${at}.jpg`, { type: 'image/jpeg' }));
        const event = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
        setTimeout(() => document.dispatchEvent(event));
      },
      { base64, count },
    );
  }

  test('are rows that keep the page responsive, tell how far they are, and stay through a quick reload', async () => {
    await using visited = await visit(browser, service.url);
    const { page } = visited;
    await page.evaluate(() => {
      const tasks: number[] = [];
      Reflect.set(globalThis, 'longTasks', tasks);
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) tasks.push(duration);
      });
      observer.observe({ type: 'longtask' });
    });
    const began = performance.now();
    await give(page);
    await expect.poll(() => page.title(), { interval: 20 }).toMatch(new RegExp(`^\\d+ of ${count} · `));
    await expect
      .poll(() => page.title(), { timeout: 45_000 + count * 50 })
      .toBe(`${count} done · Label on upload`);
    const seconds = (performance.now() - began) / 1000;
    const longTasks = await page.evaluate((): number[] => Reflect.get(globalThis, 'longTasks'));
    expect(await page.locator('#list.rows .card').count()).toBe(count);
    console.log({ count, seconds, longTasks });
    // The pictures out of view get their small copies now.
    await expect
      .poll(() => page.locator('.card img[src]').count(), { timeout: 20_000 + count * 40 })
      .toBe(count);
    const again = performance.now();
    await page.reload();
    await expect.poll(() => page.locator('.labels').count(), { interval: 20 }).toBe(count);
    const reload = (performance.now() - again) / 1000;
    console.log({ reload });
    expect(visited.errors).toEqual([]);
    // Generous: other work shares the machine.
    expect(Math.max(0, ...longTasks)).toBeLessThan(500);
    expect(reload).toBeLessThan(4);
  });
});
