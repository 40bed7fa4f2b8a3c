import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, labelled, launch, visit } from '../support/browser/browser.ts';
import { jpeg, textFile } from '../support/browser/files.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

describe.skipIf(!hasBrowser)('The page', () => {
  let browser: Browser;
  let service: LocalService;
  let axe: string;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    [browser, service] = await Promise.all([launch(), startLocalService({ BASE_PATH: '/some/prefix' })]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  });

  const open = (options: BrowserContextOptions = {}) => visit(browser, service.url, options);

  /** Results, a failure and an open curl line. */
  async function fill(page: Page): Promise<void> {
    await page.setInputFiles('#files', [
      await jpeg('disc.jpg'),
      await jpeg(`${'long-name-'.repeat(12)}.jpg`, 3),
      textFile,
    ]);
    const card = await labelled(page, 'disc.jpg');
    await card.getByRole('button', { name: 'curl' }).first().click();
    await page.locator('.failed').waitFor();
    await labelled(page, `${'long-name-'.repeat(12)}.jpg`);
    await page.waitForTimeout(600);
  }

  async function audit(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(
      (): Promise<AxeResults> => Reflect.get(globalThis, 'axe').run(),
    );
    expect(passes.length).toBeGreaterThan(15);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`);
  }

  test.each([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['in forced colours', { forcedColors: 'active' }],
    ['on a phone', phone],
  ] as const)('has nothing axe-core complains about, empty or full: %s', async (_, options) => {
    await using visited = await open(options);
    expect(await audit(visited.page)).toEqual([]);
    await fill(visited.page);
    expect(await audit(visited.page)).toEqual([]);
  });

  // 600 and 320 pixels are what 200 % and 400 % leave of a window of 1,200 and 1,280.
  test.each([320, 600, 768, 1920, 2560])('fits a window of %i pixels, empty or full', async (width) => {
    await using visited = await open({ viewport: { width, height: 800 } });
    const overflow = () =>
      visited.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
    expect(await overflow()).toBe(0);
    await fill(visited.page);
    expect(await overflow()).toBe(0);
  });

  test('is dark where the system is', async () => {
    await using visited = await open({ colorScheme: 'dark' });
    const ground = await visited.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(Math.max(...(ground.match(/\d+/g) ?? ['255']).map(Number))).toBeLessThan(40);
  });

  test('does not move where the system asks for less motion', async () => {
    await using visited = await open({ reducedMotion: 'reduce' });
    await fill(visited.page);
    const animations = await visited.page.evaluate(() => document.getAnimations().length);
    expect(animations).toBe(0);
  });

  test('paints within half a second and shifts nothing, from loading to labels', async () => {
    await using visited = await open();
    const { page } = visited;
    const paint = () =>
      page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    await expect.poll(paint).toBeLessThan(500);
    const shift = () =>
      page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            let sum = 0;
            const observer = new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) sum += Number(Reflect.get(entry, 'value'));
            });
            observer.observe({ type: 'layout-shift', buffered: true });
            setTimeout(() => resolve(sum), 200);
          }),
      );
    expect(await shift()).toBeLessThan(0.001);
    await page.setInputFiles('#files', await jpeg('slow.jpg'));
    // The list itself comes into view by what the user did; from then on nothing may move.
    const atFirst = await shift();
    await labelled(page, 'slow.jpg');
    expect((await shift()) - atFirst).toBeLessThan(0.001);
  });

  test('sends requests to its own origin only, and obeys a policy without unsafe-inline', async () => {
    await using visited = await open();
    const { page } = visited;
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    const policy = (await page.reload())?.headers()['content-security-policy'] ?? '';
    await page.getByText('Answered by').waitFor();
    await fill(page);
    expect([...asked].filter((origin) => origin !== 'null')).toEqual([new URL(service.url).origin]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(visited.errors).toEqual([]);
  });

  test('works by keyboard alone', async () => {
    await using visited = await open();
    const { page } = visited;
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to choosing pictures');
    await page.keyboard.press('Enter');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose pictures' }).focus();
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(await jpeg('keys.jpg'));
    const card = await labelled(page, 'keys.jpg');
    await card.getByRole('button', { name: 'Delete' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.card').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('choose');
  });

  test('offers the camera on a phone', async () => {
    await using visited = await open(phone);
    expect(await visited.page.getByRole('button', { name: 'Take a photo' }).isVisible()).toBe(true);
    expect(await visited.page.locator('#photo').getAttribute('capture')).toBe('environment');
  });

  test('is a form that answers with JSON where scripts are switched off', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(service.url);
    expect(await page.locator('#drop').isVisible()).toBe(false);
    await page.setInputFiles('form.plain input', await jpeg('plain.jpg'));
    await page.getByRole('button', { name: 'Classify' }).click();
    await page.waitForURL('**/predict');
    expect(JSON.parse((await page.locator('body').textContent()) ?? '')).toHaveLength(3);
    await context.close();
  });

  test('finds its service under an address without a slash at the end too', async () => {
    await using visited = await visit(browser, service.url.replace(/\/$/, ''));
    await visited.page.setInputFiles('#files', await jpeg('prefix.jpg'));
    await labelled(visited.page, 'prefix.jpg');
    const api = visited.page.getByRole('link', { name: 'API' });
    expect(await api.getAttribute('href')).toBe(`${service.url}docs`);
  });
});
