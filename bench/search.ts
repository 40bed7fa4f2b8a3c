/**
 * `node bench/search.ts [onnxruntime|transformers|ours]`: looks for a contender's best settings on this machine, each started anew and
 * loaded at one and at eight connections, in several interleaved rounds. bench/README.md keeps what was found.
 */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { contender } from './harness/contenders.ts';
import { prepareBodies, readPhotos, surest } from './harness/photos.ts';
import { waitForCalm } from './harness/processor.ts';
import { round } from './harness/report.ts';
import { startContender } from './harness/server.ts';
import { cacheDir, readBenchSettings } from './harness/settings.ts';
import { median } from './harness/statistics.ts';
import { type Load, load } from './harness/wrk.ts';

type Variation = Readonly<Record<string, string>>;

const variations: Readonly<Record<'onnxruntime' | 'transformers' | 'ours', readonly Variation[]>> = {
  onnxruntime: [
    { WORKERS: '1', INTRA_OP: '1', HANDLER: 'sync' },
    { WORKERS: '1', INTRA_OP: '1', HANDLER: 'sync', THREADS: '2' },
    { WORKERS: '1', INTRA_OP: '2', HANDLER: 'sync' },
    { WORKERS: '1', INTRA_OP: '2', HANDLER: 'sync', SPINNING: '0' },
    { WORKERS: '1', INTRA_OP: '2', HANDLER: 'async' },
    { WORKERS: '2', INTRA_OP: '1', HANDLER: 'sync' },
    { WORKERS: '2', INTRA_OP: '1', HANDLER: 'sync', THREADS: '1' },
    { WORKERS: '2', INTRA_OP: '1', HANDLER: 'async' },
    { WORKERS: '2', INTRA_OP: '2', HANDLER: 'sync' },
    { WORKERS: '2', INTRA_OP: '2', HANDLER: 'async' },
    { WORKERS: '2', INTRA_OP: '2', HANDLER: 'async', SPINNING: '0' },
    { WORKERS: '2', INTRA_OP: '2', HANDLER: 'sync', SPINNING: '0', THREADS: '1' },
    { WORKERS: '3', INTRA_OP: '1', HANDLER: 'async' },
  ],
  transformers: [
    {},
    { INTRA_OP: '1' },
    { INTRA_OP: '2' },
    { WORKERS: '2' },
    { WORKERS: '2', INTRA_OP: '1' },
    { WORKERS: '3', INTRA_OP: '1' },
  ],
  ours: [{ WORKERS: '1' }, { WORKERS: '2' }, { WORKERS: '3' }],
};

const options = z.object({
  rounds: z.coerce.number().int().min(1).max(10).default(3),
  seconds: z.coerce.number().int().min(1).max(60).default(5),
});
const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' }, seconds: { type: 'string' } },
  allowPositionals: true,
});
const { rounds, seconds } = options.parse(values);
const name = z.enum(['onnxruntime', 'transformers', 'ours']).parse(positionals[0] ?? 'onnxruntime');

const settings = await readBenchSettings();
await mkdir(cacheDir, { recursive: true });
const photos = await readPhotos(settings);
const bodies = await prepareBodies(photos);
const seen = new Map<Variation, { one: Load; eight: Load }[]>();
for (let index = 0; index < rounds; index++) {
  for (const variation of variations[name]) {
    await using server = await startContender(contender(name, settings, variation), surest(photos));
    await load(server.url, { connections: 8, seconds: 2, bodies });
    await waitForCalm();
    const one = await load(server.url, { connections: 1, seconds, bodies });
    const eight = await load(server.url, { connections: 8, seconds, bodies });
    seen.set(variation, [...(seen.get(variation) ?? []), { one, eight }]);
    console.error(index + 1, describe(variation), round(one.perSecond), round(eight.perSecond));
  }
}
console.log(
  '| settings | 1: requests/s | p50 ms | 8: requests/s | p50 ms | p99 ms |\n|---|---|---|---|---|---|',
);
for (const [variation, loads] of seen) {
  const of = (pick: (loads: { one: Load; eight: Load }) => number) => round(median(loads.map(pick)));
  const one = [of(({ one }) => one.perSecond), of(({ one }) => one.p50)];
  const eight = [
    of(({ eight }) => eight.perSecond),
    of(({ eight }) => eight.p50),
    of(({ eight }) => eight.p99),
  ];
  console.log(`| ${[describe(variation), ...one, ...eight].join(' | ')} |`);
}

function describe(variation: Variation): string {
  const text = Object.entries(variation).map(([key, value]) => `${key}=${value}`);
  return text.length > 0 ? text.join(' ') : 'as documented';
}
