/**
 * `node bench/bulk.ts [process,server,large,memory]`: `npm run predict` on a folder beside a script of twenty lines of Python, start included,
 * one after the other in turn. Prints the medians of five rounds and of the ratios within a round.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { median } from '../infra/scaling/statistics.ts';
import { contenders, launchOf, python } from './harness/contenders.ts';
import { readPhotos, surest } from './harness/photos.ts';
import { memoryOf } from './harness/processes.ts';
import { startServer } from './harness/server.ts';
import { cacheDir, inRepository, readBenchSettings } from './harness/settings.ts';

const rounds = 5;
const parts = (process.argv[2] ?? 'process,server,large,memory').split(',');
const settings = await readBenchSettings();
const photos = await readPhotos(settings);
await mkdir(cacheDir, { recursive: true });
const root = await mkdtemp(join(cacheDir, 'bulk-'));

/** A folder of so many names for the photos. */
async function folderOf(count: number): Promise<string> {
  const folder = await mkdtemp(join(root, `${count}-`));
  for (let at = 0; at < count; at++) {
    const photo = join(settings.images, photos[at % photos.length]?.name ?? '');
    await symlink(photo, join(folder, `${String(at).padStart(5, '0')}.jpg`));
  }
  return folder;
}

/** A folder of the first hundred photos at 12 megapixels. */
async function largeFolder(): Promise<string> {
  const folder = await mkdtemp(join(root, 'large-'));
  for (const [at, { bytes }] of photos.slice(0, 100).entries()) {
    const large = sharp(bytes).resize(4000, 3000, { fit: 'fill' }).jpeg({ quality: 92 });
    await writeFile(join(folder, `${String(at).padStart(3, '0')}.jpg`), await large.toBuffer());
  }
  return folder;
}

const ours = (folder: string, ...flags: string[]) => [
  ...['npm', 'run', '--silent', 'predict', '--', '--csv', ...flags, folder],
];
const theirs = (folder: string) => [
  ...[python('onnxruntime'), inRepository('bench/peers/onnxruntime/batch.py')],
  ...[join(settings.modelDir, 'network.onnx'), join(settings.modelDir, 'labels.json'), folder],
];

/** Seconds from the shell's call to its end, and the most memory meanwhile, in MB, where that is asked for. */
async function time([program = '', ...args]: readonly string[], watchesMemory = false) {
  const began = performance.now();
  const child = spawn(program, args, { cwd: inRepository(), stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  let megabytes = 0;
  while (watchesMemory && child.exitCode === null) {
    megabytes = Math.max(megabytes, await memoryOf(child.pid ?? 0));
    await Promise.race([ended, sleep(250)]);
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${program} ended with ${code}.`);
  return { seconds: (performance.now() - began) / 1000, megabytes };
}

/** Both in turn; whoever was first is second in the next round. */
async function compare(name: string, own: readonly string[], peer: readonly string[]): Promise<void> {
  const [mine, peers]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const turns = [
      async () => mine.push((await time(own)).seconds),
      async () => peers.push((await time(peer)).seconds),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const ratio = median(mine.map((seconds, at) => seconds / (peers[at] ?? Number.NaN)));
  const [here, there] = [median(mine), median(peers)].map((seconds) => seconds.toFixed(2));
  console.log(`${name}: ${here} s, Python ${there} s, ratio ${ratio.toFixed(2)}`);
}

try {
  const thousand = await folderOf(1000);
  if (parts.includes('process')) await compare('1,000 photos in process', ours(thousand), theirs(thousand));
  if (parts.includes('server')) {
    await using server = await startServer(launchOf(contenders.ours, settings), surest(photos));
    const own = ours(thousand, '--server', server.url);
    await compare('1,000 photos through a local server', own, theirs(thousand));
  }
  if (parts.includes('large')) {
    const folder = await largeFolder();
    await compare('100 photos of 12 megapixels', ours(folder), theirs(folder));
  }
  for (const count of parts.includes('memory') ? [1000, 20_000] : []) {
    const { megabytes } = await time(ours(await folderOf(count)), true);
    console.log(`${count} photos: ${Math.round(megabytes)} MB at most`);
  }
} finally {
  await rm(root, { recursive: true });
}
