import { access } from 'node:fs/promises';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { freePort } from '../../../infra/emulator/free-port.ts';
import { type LocalService, startLocalService } from '../local/poisoned-server.ts';
import type { ServerEnvironment } from '../local/server-process.ts';

export const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Whether these tests can run here. In CI they must: a missing browser is an error there. */
export const hasBrowser =
  Boolean(process.env.CI) ||
  (await access(executablePath).then(
    () => true,
    () => false,
  ));

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
}

/** A page of the service in a fresh profile, and what went wrong in it. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, breaches of the page's policy, and whatever else the console calls an error. */
  readonly errors: string[];
}

export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // Chromium reports each answer of 4xx and each lost connection; the page deals with them.
    const isNetwork = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isNetwork) errors.push(message.text());
  });
  await page.goto(url);
  await page.getByText('Answered by').waitFor();
  return { page, errors, [Symbol.asyncDispose]: () => context.close() };
}

/** So that the test's large picture goes by the form. */
const smallInline = { INLINE_IMAGE_BYTES: `${4 * 1024 ** 2}` };

/** A service whose upload forms go to another origin than its page has: the same server by another name. */
export async function startServiceWithForeignStorage(
  environment: ServerEnvironment = {},
): Promise<LocalService> {
  const port = await freePort();
  return startLocalService({
    PORT: `${port}`,
    PUBLIC_URL: `http://localhost:${port}/`,
    // The page is opened by the other name.
    ALLOWED_ORIGINS: `http://127.0.0.1:${port}`,
    ...smallInline,
    ...environment,
  });
}

export interface TestFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** Lets go of files over the page, as a drag from the desktop does, or pastes them. */
export function deliver(page: Page, kind: 'drop' | 'paste', files: readonly TestFile[]): Promise<void> {
  const given = files.map(({ buffer, ...file }) => ({ ...file, base64: buffer.toString('base64') }));
  return page.evaluate(
    ({ kind, given }) => {
      const transfer = new DataTransfer();
      for (const { name, mimeType, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: mimeType }));
      }
      const event =
        kind === 'drop'
          ? new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true });
      document.querySelector('#drop')?.dispatchEvent(event);
    },
    { kind, given },
  );
}

/** The card of a file, once it shows labels. */
export async function labelled(page: Page, name: string) {
  const card = page.getByRole('listitem', { name, exact: true });
  await card.locator('.labels li').nth(2).waitFor();
  return card;
}
