/** `npm run bench`: our server and its peers in turn, several times, on this machine. bench/README.md says what must be installed. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as z from 'zod';
import { contenders, environmentOf, peers, python, variationsOf } from './harness/contenders.ts';
import { describeMachine } from './harness/machine.ts';
import { enlarge, prepareBodies, readPhotos, surest } from './harness/photos.ts';
import { report, searchTable } from './harness/report.ts';
import { readResults, resultsFile, resultsSchema, writeResults } from './harness/results.ts';
import { type BenchSettings, cacheDir, inRepository, readBenchSettings } from './harness/settings.ts';
import { partNames, runParts } from './parts/run.ts';

const count = z.coerce.number().int().min(1);
const list = z.string().transform((text) => text.split(','));

const optionsSchema = z.object({
  only: list.pipe(z.array(z.enum(Object.keys(contenders)))).prefault(Object.keys(contenders).join(',')),
  parts: list.pipe(z.array(z.enum(partNames))).prefault(partNames.join(',')),
  rounds: count.max(20).default(7),
  seconds: count.max(120).default(3),
  uploads: count.max(10_000).default(1000),
  images: count.max(50_000).default(5000),
  /** Looks for this peer's best settings instead. */
  search: z.enum(peers).optional(),
  /** Keeps the other figures of an earlier run. */
  merge: z.boolean().default(false),
});

const presets = {
  quick: { only: 'ours,fastapiOne,fastapiEight,fastapiPool', parts: 'rounds,pipeline', rounds: '3' },
  smoke: {
    ...{ only: 'ours,fastapiEight,litserve,celery', parts: 'rounds,pipeline,queue,cores,memory' },
    ...{ rounds: '1', seconds: '1', uploads: '20', images: '20' },
  },
} as const;

function readOptions() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { quick, smoke, ...values } = parseArgs({
    options: {
      ...{ only: text, parts: text, rounds: text, seconds: text, uploads: text, images: text, search: text },
      ...{ quick: flag, smoke: flag, merge: flag },
    },
  }).values;
  const preset = quick ? presets.quick : smoke ? presets.smoke : {};
  const options = optionsSchema.parse({ ...preset, ...values });
  const suffix = options.search ? `-search-${options.search}` : quick ? '-quick' : smoke ? '-smoke' : '';
  return { ...options, mayWait: !smoke, file: resultsFile.replace('.json', `${suffix}.json`) };
}

async function main(): Promise<void> {
  const { search, only, file, seconds, merge, ...options } = readOptions();
  await mkdir(join(cacheDir, 'bodies'), { recursive: true });
  const settings = await readBenchSettings();
  const photos = await readPhotos(settings);
  const probe = surest(photos);
  const [bodies, large] = [await prepareBodies(photos), await enlarge(probe)];
  const facts = { machine: await describeMachine(), photos: photos.length, seconds };
  const results = resultsSchema.parse({ ...(merge && (await readResults(file))), ...facts });
  if ([...only, search].includes('transformers')) await exportForTransformers(settings);
  const chosen = Object.fromEntries(Object.entries(contenders).filter(([name]) => only.includes(name)));
  await runParts({
    ...options,
    ...(search ? { contenders: variationsOf(search), parts: ['rounds', 'queue'] } : { contenders: chosen }),
    materials: { settings, photos, bodies, probe, large, seconds },
    results,
    save: () => writeResults(results, file),
  });
  console.log(`\n${search ? searchTable(results) : report(results)}\n\nKept in ${file}.`);
}

async function exportForTransformers(settings: BenchSettings): Promise<void> {
  const [script, env] = [inRepository('bench/peers/transformers/export.py'), environmentOf(settings)];
  await promisify(execFile)(python('onnxruntime'), [script], { env: { ...process.env, ...env } });
}

// Ends the servers too.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));
await main();
