import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { processorSeconds } from '../../bench/harness/processes.ts';
import { median } from '../../infra/scaling/statistics.ts';
import { openTab, type Tab } from '../support/browser/devtools.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';

// `npm run measure:page [-- --pictures 300 --rounds 5]`: how long the page and the command line take for the same photos (SAMPLE_IMAGES, again and
// again under other names) at a server of their own each, in turn, in seconds of wall clock and of processor time.

const { values } = parseArgs({
  options: { pictures: { type: 'string', default: '300' }, rounds: { type: 'string', default: '5' } },
});
const [pictures, rounds] = [Number(values.pictures), Number(values.rounds)];
const source = process.env.SAMPLE_IMAGES;
if (source === undefined) throw new Error('Name a folder of photos by SAMPLE_IMAGES.');

interface Measured {
  readonly wall: number;
  readonly server: number;
  readonly client: number;
}

interface MeasuredPage extends Measured {
  /** Milliseconds of the longest task on the page's main thread. */
  readonly longestTask: number;
  /** From the start of a reload until every picture has its labels. */
  readonly reload: number;
}

const watched = z.object({ wall: z.number(), longestTask: z.number() });

await using folder = await temporaryFolder();
const files = await layOut(folder.path, resolve(source));
const results: { page: MeasuredPage; command: Measured }[] = [];
for (let round = 0; round < rounds; round++) {
  const command = await measureCommand();
  const page = await measurePage();
  results.push({ page, command });
  console.log(JSON.stringify({ round, ratio: page.wall / command.wall, page, command }));
}
const middle = (pick: (result: (typeof results)[number]) => number) =>
  Number(median(results.map(pick)).toFixed(3));
console.log({
  pictures,
  rounds,
  pageSeconds: middle(({ page }) => page.wall),
  commandSeconds: middle(({ command }) => command.wall),
  ratio: middle(({ page, command }) => page.wall / command.wall),
  pageServerProcessorSeconds: middle(({ page }) => page.server),
  commandServerProcessorSeconds: middle(({ command }) => command.server),
  browserProcessorSeconds: middle(({ page }) => page.client),
  commandProcessorSeconds: middle(({ command }) => command.client),
  longestTaskMilliseconds: middle(({ page }) => page.longestTask),
  reloadSeconds: middle(({ page }) => page.reload),
});

/** Links to the photos, as many as are wanted. */
async function layOut(path: string, source: string): Promise<string[]> {
  const photos = (await readdir(source)).filter((name) => /\.jpe?g$/i.test(name)).sort();
  await mkdir(join(path, 'photos'));
  const names = Array.from({ length: pictures }, (_, at) => ({
    from: join(source, photos[at % photos.length] ?? ''),
    to: join(path, 'photos', `photo-${at}.jpg`),
  }));
  await Promise.all(names.map(({ from, to }) => symlink(from, to)));
  return names.map(({ to }) => to);
}

/** Does something at a server of its own. The server descends from this process, so its processor time is taken off the client's. */
async function withServer<T extends { readonly client: number }>(
  act: (url: string) => Promise<T>,
): Promise<T & { server: number }> {
  await using service = await startLocalService({ NODE_OPTIONS: '' });
  const pid = service.process.pid ?? 0;
  // The first request makes the page, and the first images fill the caches of the processor.
  await fetch(service.url);
  const before = await processorSeconds(pid);
  const done = await act(service.url);
  const server = (await processorSeconds(pid)) - before;
  return { ...done, server, client: done.client - server };
}

function measureCommand(): Promise<Measured> {
  return withServer(async (url) => {
    const main = join(import.meta.dirname, '../../cli/predict/main.ts');
    const began = performance.now();
    const before = await processorSeconds(process.pid);
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        main,
        '--server',
        url,
        '-o',
        join(folder.path, `${began}.jsonl`),
        join(folder.path, 'photos'),
      ],
      { stdio: 'ignore' },
    );
    await once(child, 'exit');
    const wall = (performance.now() - began) / 1000;
    return { wall, client: (await processorSeconds(process.pid)) - before };
  });
}

function measurePage(): Promise<MeasuredPage> {
  return withServer(async (url) => {
    await using tab = await openTab();
    await tab.send('Page.navigate', { url });
    await until(tab, 'document.querySelector("#model")?.textContent.startsWith("Answered by")');
    const measured = tab.evaluate(`(${watch})()`);
    const input = z
      .object({ result: z.object({ objectId: z.string() }) })
      .parse(await tab.send('Runtime.evaluate', { expression: 'document.querySelector("#files")' }));
    const before = await processorSeconds(process.pid);
    await tab.send('DOM.setFileInputFiles', { files, objectId: input.result.objectId });
    const { wall, longestTask } = watched.parse(await measured);
    const client = (await processorSeconds(process.pid)) - before;
    return { wall, client, longestTask, reload: await measureReload(tab) };
  });
}

async function measureReload(tab: Tab): Promise<number> {
  // The small copies of pictures out of view are made now.
  await until(tab, `document.querySelectorAll('.thumb img[src]').length === ${pictures}`);
  const began = performance.now();
  // The old page answers for a moment.
  await tab.evaluate('globalThis.old = true');
  await tab.send('Page.reload');
  await until(tab, `!globalThis.old && document.querySelectorAll('.labels').length === ${pictures}`);
  return (performance.now() - began) / 1000;
}

async function until(tab: Tab, condition: string): Promise<void> {
  const giveUp = performance.now() + 60_000;
  // A page that is being replaced has no answer.
  while ((await tab.evaluate(condition).catch(() => false)) !== true) {
    if (performance.now() > giveUp) throw new Error(`Waited a minute for ${condition}`);
    await sleep(20);
  }
}

/** Runs in the page: counts from the choice of files until the title says that all are done. */
function watch(): Promise<z.infer<typeof watched>> {
  let [began, longestTask] = [0, 0];
  document.addEventListener(
    'change',
    () => {
      began = performance.now();
    },
    { capture: true, once: true },
  );
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
  }).observe({ type: 'longtask' });
  return new Promise((resolve) => {
    new MutationObserver(() => {
      if (!/^\d+ done/.test(document.title)) return;
      const wall = (performance.now() - began) / 1000;
      // The last long task is told a moment later.
      setTimeout(() => resolve({ wall, longestTask }), 100);
    }).observe(document.head, { childList: true, subtree: true });
  });
}
