/**
 * `node bench/lambda/main.ts [--rounds 5]`: the classify function as Lambda would run it, by memory size, and what a million images cost.
 * Takes root, for the processor's share.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as z from 'zod';
import { readPhotos } from '../harness/photos.ts';
import { joinParts, type lambdaParts } from '../harness/places.ts';
import { describe, round, table } from '../harness/report.ts';
import { cacheDir, inRepository, readBenchSettings } from '../harness/settings.ts';
import { median } from '../harness/statistics.ts';
import { type Architecture, classifyCost, classifySum, ways } from './cost.ts';
import { type FunctionRun, runFunction } from './function.ts';
import { createProcessorShare } from './processor-share.ts';
import { measureSizes, type PartSize } from './sizes.ts';

const memorySizes = [512, 1024, 1769, 3538];
/** As `cdk.json` has it. */
const batchSize = 5;
/** An assumption: an image waits for S3 (25 ms), then for two calls to DynamoDB of 4 ms each, and for one when it is done. */
const waitMilliseconds = 25 + 3 * 4;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = z.coerce.number().int().min(1).max(20).parse(values.rounds);
const settings = await readBenchSettings();
const photos = await readPhotos(settings);
const dist = join(cacheDir, 'dist');
await mkdir(cacheDir, { recursive: true });
await build();

interface Measured {
  readonly memoryMb: number;
  readonly wholeStart: boolean;
  readonly runs: FunctionRun[];
}

const measured: Measured[] = memorySizes.flatMap((memoryMb) =>
  [true, false].map((wholeStart) => ({ memoryMb, wholeStart, runs: [] })),
);
{
  await using share = await createProcessorShare();
  for (let index = 0; index < rounds; index++) {
    for (const { memoryMb, wholeStart, runs } of measured) {
      runs.push(await runFunction({ dist, memoryMb, wholeStart, share, photos, batchSize }));
      console.error(index + 1, memoryMb, wholeStart ? 'whole start' : 'own share', runs.at(-1));
    }
  }
}
const sizes = await measureSizes(dist);
await writeFile(join(cacheDir, 'lambda.json'), JSON.stringify({ sizes, measured }, undefined, 1));
const parts = {
  'lambda-sizes': sizesTable(sizes),
  'lambda-starts': startsTable(),
  'lambda-costs': costTable(),
  'lambda-sum': `Classifying: ${classifySum(classifying(1769, 'arm64'))}`,
  ...sums(),
} satisfies Record<(typeof lambdaParts)[number], string>;
await writeFile(join(cacheDir, 'lambda-parts.json'), JSON.stringify(parts));
console.log(joinParts(parts));

/** Whatever `dist/` holds: its native parts may be for another processor. */
async function build(): Promise<void> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86-64';
  const args = ['--disable-warning=ExperimentalWarning', inRepository('infra/build.ts')];
  await promisify(execFile)(process.execPath, [...args, '--architecture', architecture, '--out', dist], {
    timeout: 300_000,
  });
}

function sizesTable(parts: readonly PartSize[]): string {
  const sum = (pick: (size: PartSize) => number) => parts.reduce((total, size) => total + pick(size), 0);
  const whole = { part: 'together', disk: sum(({ disk }) => disk), zipped: sum(({ zipped }) => zipped) };
  const rows = [...parts, whole].map(({ part, disk, zipped }) => [
    part,
    `${round(disk)} MB`,
    `${round(zipped)} MB`,
  ]);
  return table(['part', 'on disk', 'zipped'], rows);
}

function startsTable(): string {
  const head = [
    'started with',
    'processors',
    'start, whole',
    'start, own share',
    'first image',
    'alone',
    `of ${batchSize}`,
    'resident',
  ];
  const rows = memorySizes.map((memoryMb) => {
    const [whole, own] = [runsOf(memoryMb, true), runsOf(memoryMb, false)];
    const both = [...whole, ...own];
    const of = (runs: readonly FunctionRun[], pick: (run: FunctionRun) => number, unit = ' ms') =>
      describe(runs.map(pick), unit);
    return [
      `${memoryMb} MB`,
      round(memoryMb / 1769),
      of(whole, ({ start }) => start),
      of(own, ({ start }) => start),
      of(both, ({ first }) => first),
      of(both, ({ single }) => single),
      of(both, ({ batched }) => batched),
      of(both, ({ memory }) => memory, ' MB'),
    ];
  });
  return table(head, rows);
}

function runsOf(memoryMb: number, wholeStart: boolean): FunctionRun[] {
  return measured.find((entry) => entry.memoryMb === memoryMb && entry.wholeStart === wholeStart)?.runs ?? [];
}

function batchedMilliseconds(memoryMb: number): number {
  return median([...runsOf(memoryMb, true), ...runsOf(memoryMb, false)].map(({ batched }) => batched));
}

function classifying(memoryMb: number, architecture: Architecture) {
  return {
    architecture,
    memoryMb,
    milliseconds: batchedMilliseconds(memoryMb) + waitMilliseconds,
    batchSize,
  };
}

function costTable(): string {
  const rows = memorySizes.map((memoryMb) => [
    `${memoryMb} MB`,
    `${round(batchedMilliseconds(memoryMb))} + ${waitMilliseconds} ms`,
    `$${classifyCost(classifying(memoryMb, 'arm64')).toFixed(2)}`,
    `$${classifyCost(classifying(memoryMb, 'x86-64')).toFixed(2)}`,
  ]);
  return table(
    ['memory of the function', 'an image', 'arm64, a million images', 'x86-64, a million images'],
    rows,
  );
}

/** What a million images cost by `POST /predict`, and by `POST /uploads`. */
function sums() {
  const all = measured.flatMap(({ runs }) => runs);
  const classify = classifyCost(classifying(1769, 'arm64'));
  const options = {
    architecture: 'arm64',
    httpMemoryMb: 512,
    predictMilliseconds: 150,
    shortMilliseconds: 20,
    batchSize,
    logBytesPerImage: median(all.map(({ logBytesPerImage }) => logBytesPerImage)),
    newJobKilobytes: 1,
    endedJobKilobytes: median(all.map(({ itemBytes }) => itemBytes)) / 1024,
  } as const;
  const [predict = '', uploads = ''] = ways(options).map(({ name, lines }) => {
    const rows = [...lines, ['Lambda: classify, arm64, 1769 MB', classify] as const];
    const total = rows.reduce((sum, [, dollars]) => sum + dollars, 0);
    return table(
      [name, 'a million images'],
      [...rows, ['together', total] as const].map(([part, dollars]) => [part, `$${dollars.toFixed(2)}`]),
    );
  });
  return { 'lambda-predict': predict, 'lambda-uploads': uploads };
}
