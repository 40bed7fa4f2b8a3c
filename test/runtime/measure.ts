/**
 * `node test/runtime/measure.ts [--rounds 5]`: the built classify function on Lambda's own runtime client, by memory size. Takes root, for
 * the processor's share, and RIC_DIR, as test:runtime does.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { describe, round, table } from '../../bench/harness/format.ts';
import { readPhotos } from '../../bench/harness/photos.ts';
import { joinParts, type lambdaParts } from '../../bench/harness/places.ts';
import { cacheDir, readBenchSettings } from '../../bench/harness/settings.ts';
import { bytesIn } from '../../infra/build/sizes.ts';
import { type Architecture, classifyCost } from '../../infra/scaling/cost.ts';
import { median } from '../../infra/scaling/statistics.ts';
import { distDir } from '../support/aws/function-process.ts';
import { ProcessorShare } from '../support/aws/processor-share.ts';
import { type FunctionRun, runFunction } from './measure-function.ts';

const memorySizes = [512, 1024, 1769, 3538];
/** As `cdk.json` has it. */
const batchSize = 5;
/** An assumption: an image waits for S3 (25 ms), then for two calls to DynamoDB of 4 ms each, and for one when it is done. */
const waitMilliseconds = 25 + 3 * 4;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = z.coerce.number().int().min(1).max(20).parse(values.rounds);
const photos = await readPhotos(await readBenchSettings());
await mkdir(cacheDir, { recursive: true });

interface Measured {
  readonly memoryMb: number;
  readonly whole: FunctionRun[];
  readonly own: FunctionRun[];
}
const measured = memorySizes.map((memoryMb): Measured => ({ memoryMb, whole: [], own: [] }));
{
  await using share = await ProcessorShare.create();
  for (let index = 0; index < rounds; index++) {
    for (const { memoryMb, whole, own } of measured) {
      whole.push(await runFunction({ memoryMb, wholeStart: true, share, photos, batchSize }));
      own.push(await runFunction({ memoryMb, wholeStart: false, share, photos, batchSize }));
      console.error(index + 1, memoryMb, whole.at(-1), own.at(-1)?.start);
    }
  }
}
const [code, layer] = [await bytesIn(join(distDir, 'classify')), await bytesIn(join(distDir, 'layer'))];
const parts = {
  'lambda-sizes': `Unpacked, the function is ${round(code / 1e6)} MB and its layer with the model ${round(layer / 1e6)} MB.`,
  'lambda-starts': startsTable(),
  'lambda-costs': costTable(),
} satisfies Record<(typeof lambdaParts)[number], string>;
await writeFile(join(cacheDir, 'lambda-parts.json'), JSON.stringify(parts));
console.log(joinParts(parts));

function startsTable(): string {
  const times = ['start, whole', 'start, own share', 'first image', 'alone', `of ${batchSize}`];
  const rows = measured.map(({ memoryMb, whole, own }) => {
    const of = (runs: readonly FunctionRun[], figure: keyof FunctionRun, unit = ' ms') => {
      const values = runs.map((run) => run[figure]);
      return describe(values, unit);
    };
    const both = [...whole, ...own];
    const images = (['first', 'single', 'batched'] as const).map((figure) => of(both, figure));
    const cells = [of(whole, 'start'), of(own, 'start'), ...images, of(both, 'memory', ' MB')];
    return [`${memoryMb} MB`, round(memoryMb / 1769), ...cells];
  });
  return table(['started with', 'processors', ...times, 'resident'], rows);
}

function costTable(): string {
  const rows = measured.map(({ memoryMb, whole, own }) => {
    const work = median([...whole, ...own].map(({ batched }) => batched));
    const given = { memoryMb, milliseconds: work + waitMilliseconds, batchSize };
    const dollars = (architecture: Architecture) => `$${classifyCost({ ...given, architecture }).toFixed(2)}`;
    return [`${memoryMb} MB`, `${round(work)} + ${waitMilliseconds} ms`, dollars('arm64'), dollars('x86-64')];
  });
  const million = ['arm64, a million images', 'x86-64, a million images'];
  return table(['memory of the function', 'an image', ...million], rows);
}
