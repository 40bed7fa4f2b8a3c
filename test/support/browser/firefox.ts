import { access } from 'node:fs/promises';
import { type Browser, launch, type Page } from 'puppeteer-core';

const executablePath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr';

/** Whether tests in Firefox can run here. In CI they must. */
export const hasFirefox =
  Boolean(process.env.CI) ||
  (await access(executablePath).then(
    () => true,
    () => false,
  ));

/** Firefox as it is released, by WebDriver BiDi: Playwright drives only builds of its own. `preferences` are those of `about:config`. */
export function launchFirefox(
  preferences: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Browser> {
  return launch({
    browser: 'firefox',
    executablePath,
    extraPrefsFirefox: { ...preferences },
    defaultViewport: { width: 1200, height: 900 },
  });
}

/** A tab of Firefox on a page, and the errors that its scripts raise. */
export interface FirefoxVisit extends AsyncDisposable {
  readonly page: Page;
  readonly errors: string[];
}

export async function visitInFirefox(browser: Browser, url: string): Promise<FirefoxVisit> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(url);
  await page.waitForSelector('#model ::-p-text(Answered by)');
  return { page, errors, [Symbol.asyncDispose]: () => context.close() };
}
