import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, launch } from '../support/browser/browser.ts';
import { jpeg } from '../support/browser/files.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

describe.skipIf(!hasBrowser)('The documentation of the API', () => {
  let browser: Browser;
  let service: LocalService;
  beforeAll(async () => {
    [browser, service] = await Promise.all([launch(), startLocalService({ BASE_PATH: '/some/prefix' })]);
  });
  afterAll(async () => {
    await browser.close();
    await service[Symbol.asyncDispose]();
  });

  /** The page, what its console called an error, a breach of the policy included, and every address that it asked for. */
  async function open(options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const [errors, addresses]: [string[], string[]] = [[], []];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) errors.push(message.text());
    });
    context.on('request', (request) => addresses.push(request.url()));
    await page.goto(`${service.url}docs`);
    await page.getByRole('heading', { name: 'Label on upload' }).waitFor();
    return { page, errors, addresses, [Symbol.asyncDispose]: () => context.close() };
  }

  const call = (page: Page, id: string) => page.locator(`#operations-classify-${id}`);

  async function unfold(page: Page, id: string) {
    const operation = call(page, id);
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    return operation;
  }

  /** The body of the answer to what was tried. */
  async function execute(page: Page, id: string): Promise<unknown> {
    const answer = page.waitForResponse((response) => response.request().method() === 'POST');
    await call(page, id).getByRole('button', { name: 'Execute' }).click();
    await call(page, id).locator('.live-responses-table').waitFor();
    return (await answer).json();
  }

  const labels = Array.from({ length: 3 }, () => ({ label: expect.any(String), score: expect.any(Number) }));

  test('loads from its own service only, and breaks no rule of its policy', async () => {
    await using visited = await open();
    const { page, errors, addresses } = visited;
    await unfold(page, 'predict');
    expect(addresses.length).toBeGreaterThan(4);
    const outside = addresses.filter((url) => !url.startsWith(service.url) && !url.startsWith('data:'));
    expect(outside).toEqual([]);
    expect(errors).toEqual([]);
    const policy = await page.evaluate(async () =>
      (await fetch('docs')).headers.get('content-security-policy'),
    );
    expect(policy).toContain("script-src 'self';");
  });

  test('classifies a file that is tried as a form', async () => {
    await using visited = await open();
    const { page, errors } = visited;
    const operation = await unfold(page, 'predict');
    await operation.locator('input[type=file]').setInputFiles(await jpeg('disc.jpg'));
    expect(await execute(page, 'predict')).toEqual(labels);
    expect(errors).toEqual([]);
  });

  test('classifies a file that is tried as the body itself', async () => {
    await using visited = await open();
    const { page } = visited;
    const operation = await unfold(page, 'predict');
    await operation.locator('.opblock-section-request-body select').selectOption('application/octet-stream');
    await operation.locator('input[type=file]').setInputFiles(await jpeg('disc.jpg'));
    expect(await execute(page, 'predict')).toEqual(labels);
  });

  test('makes a form for an upload by the example that it shows', async () => {
    await using visited = await open();
    await unfold(visited.page, 'createUpload');
    expect(await execute(visited.page, 'createUpload')).toMatchObject({ status: 'pending' });
  });

  test('shows each call in three languages, with the address of this service', async () => {
    await using visited = await open();
    const { page } = visited;
    const operation = await unfold(page, 'predict');
    const samples = operation.getByRole('region', { name: 'Samples' });
    await expect
      .poll(() => samples.locator('pre').textContent())
      .toContain(`curl -F file=@photo.jpg ${service.url}predict`);
    await samples.getByRole('button', { name: 'Python' }).click();
    expect(await samples.locator('pre').textContent()).toContain(`requests.post("${service.url}predict"`);
    await samples.getByRole('button', { name: 'TypeScript' }).click();
    expect(await samples.locator('pre').textContent()).toContain(`await fetch('${service.url}predict'`);
  });

  test.each([
    ['light', {}, 'rgb(255, 255, 255)'],
    ['dark', { colorScheme: 'dark' }, 'rgb(28, 32, 34)'],
  ] as const)('is %s where the system is', async (_, options, ground) => {
    await using visited = await open(options);
    expect(await visited.page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(ground);
  });

  test('fits a phone, with a call unfolded', async () => {
    await using visited = await open(phone);
    await unfold(visited.page, 'predict');
    const { scrollWidth, clientWidth } = await visited.page.evaluate(() => document.documentElement);
    expect(scrollWidth).toBe(clientWidth);
  });
});
