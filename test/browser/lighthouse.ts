import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { executablePath } from '../support/browser/browser.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';

// `npm run lighthouse`: the scores of the page, on a phone and on a desktop, and whatever costs a point. Lighthouse is fetched for the run: it is
// five times as large as all else that the tests need.

const lighthouse = 'lighthouse@13.5.0';
const least = 0.99;
const flags = '--headless --no-sandbox --disable-gpu --disable-dev-shm-usage';

const reportSchema = z.object({
  categories: z.record(
    z.string(),
    z.object({
      title: z.string(),
      score: z.number().nullable(),
      auditRefs: z.array(z.object({ id: z.string(), weight: z.number() })),
    }),
  ),
  audits: z.record(
    z.string(),
    z.object({ title: z.string(), score: z.number().nullable(), displayValue: z.string().optional() }),
  ),
});

await using service = await startLocalService();
await using folder = await temporaryFolder();
for (const device of ['mobile', 'desktop']) {
  const { categories, audits } = await audit(device);
  for (const { title, score, auditRefs } of Object.values(categories)) {
    console.log(`${device}: ${title} ${Math.round((score ?? 0) * 100)}`);
    if ((score ?? 0) < least) process.exitCode = 1;
    const weighty = auditRefs.filter(({ weight }) => weight > 0).map(({ id }) => audits[id]);
    for (const found of weighty)
      if (found && (found.score ?? 1) < least)
        console.log(`  ${found.title}: ${found.displayValue ?? found.score}`);
  }
}

async function audit(device: string): Promise<z.infer<typeof reportSchema>> {
  const file = join(folder.path, `${device}.json`);
  const output = ['--quiet', '--output=json', `--output-path=${file}`, `--chrome-flags=${flags}`];
  const preset = device === 'desktop' ? ['--preset=desktop'] : [];
  const child = spawn('npx', ['--yes', lighthouse, service.url, ...output, ...preset], {
    env: { ...process.env, CHROME_PATH: executablePath },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Lighthouse ended with status ${code}.`);
  return reportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
