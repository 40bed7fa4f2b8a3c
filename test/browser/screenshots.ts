import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { labelled, launch, visit } from '../support/browser/browser.ts';
import { drawing } from '../support/browser/drawings.ts';
import { heicFile, textFile } from '../support/browser/files.ts';
import { Film } from '../support/browser/film.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';

// `npm run screenshots [-- --all --out DIR]`: the README's GIF, and with --all the page in its states to look at, with pictures the project draws
// itself. The labels are those of the model that MODEL_WEIGHTS and MODEL_LABELS name.

const names = ['balloon.png', 'daisy.png', 'clock.png', 'traffic-light.png'];
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const desktop = { viewport: { width: 1200, height: 750 } };

interface Shot extends BrowserContextOptions {
  readonly name: string;
  readonly show: (page: Page) => Promise<void>;
}

const shots: readonly Shot[] = [
  { name: 'page-empty', ...desktop, show: async () => {} },
  { name: 'page-results', ...desktop, show: results },
  { name: 'page-dark', ...desktop, colorScheme: 'dark', show: results },
  { name: 'page-error', ...desktop, show: errors },
  { name: 'page-phone', ...phone, show: results },
  { name: 'page-phone-empty', ...phone, show: async () => {} },
];

if (!process.env.MODEL_WEIGHTS || !process.env.MODEL_LABELS) {
  throw new Error('Name the published weights and labels by MODEL_WEIGHTS and MODEL_LABELS.');
}
const { values } = parseArgs({
  options: { all: { type: 'boolean', default: false }, out: { type: 'string', default: 'docs/images' } },
});
const folder = resolve(values.out);
await mkdir(folder, { recursive: true });
await using service = await startLocalService();
const browser = await launch();
try {
  for (const { name, show, ...options } of values.all ? shots : []) {
    await using visited = await visit(browser, service.url, options);
    await show(visited.page);
    // The bars grow for a moment.
    await visited.page.waitForTimeout(700);
    await visited.page.screenshot({ path: join(folder, `${name}.png`) });
  }
  await using filmed = await visit(browser, service.url, { viewport: { width: 1000, height: 640 } });
  await writeFile(join(folder, 'page.gif'), await film(filmed.page));
  const sample = await drawing('balloon.png');
  await writeFile(join(folder, sample.name), sample.buffer);
} finally {
  await browser.close();
}

async function results(page: Page): Promise<void> {
  await page.setInputFiles('#files', await Promise.all(names.map(drawing)));
  for (const name of names) await labelled(page, name);
}

async function errors(page: Page): Promise<void> {
  await page.setInputFiles('#files', [await drawing('daisy.png'), heicFile, textFile]);
  const card = await labelled(page, 'daisy.png');
  await card.getByRole('button', { name: 'curl' }).first().click();
  await page.locator('.failed').nth(1).waitFor();
}

/** A sample, then four pictures at once, then one of them in full. */
async function film(page: Page): Promise<Buffer> {
  const filmed = new Film(page);
  await page
    .locator('#samples img')
    .first()
    .evaluate((image: HTMLImageElement) => image.decode());
  await filmed.hold(900);
  await filmed.click(page.getByRole('button', { name: 'Daisy' }));
  await labelled(page, 'daisy.webp');
  await page.waitForTimeout(700);
  await filmed.hold(2000);
  await filmed.pointAt(page.getByRole('button', { name: 'Choose pictures' }));
  await results(page);
  await page.waitForTimeout(700);
  await filmed.hold(1500);
  await page.mouse.wheel(0, 330);
  await page.waitForTimeout(300);
  await filmed.hold(2200);
  await filmed.click(page.getByRole('button', { name: 'Enlarge: clock.png' }));
  await page.waitForTimeout(400);
  await filmed.hold(1500);
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(400);
  await filmed.hold(1800);
  return filmed.toGif(760);
}
