/**
 * `npm run bench`: our server and its peers in turn, several times, on this machine. `--quick` is ours and peer 2 under load, for
 * whoever makes the server faster. bench/README.md says what must be installed.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { contenderNames } from './harness/contenders.ts';
import { describeMachine } from './harness/machine.ts';
import { enlarge, prepareBodies, readPhotos, surest } from './harness/photos.ts';
import { report } from './harness/report.ts';
import { readResults, resultsFile, resultsSchema, writeResults } from './harness/results.ts';
import { cacheDir, readBenchSettings } from './harness/settings.ts';
import { classifyInFull } from './parts/large-reference.ts';
import { partNames, runParts } from './parts/run.ts';

const count = z.coerce.number().int().min(1);
const list = <Name extends string>(names: readonly Name[]) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(names)));

const optionsSchema = z.object({
  only: list(contenderNames).prefault(contenderNames.join(',')),
  parts: list(partNames).prefault(partNames.join(',')),
  rounds: count.max(20).default(5),
  seconds: count.max(120).default(10),
  uploads: count.max(10_000).default(1000),
  images: count.max(50_000).default(5000),
  /** Keeps the other parts of an earlier run. */
  merge: z.boolean().default(false),
});

function readOptions(): z.infer<typeof optionsSchema> & { readonly file: string } {
  const text = { type: 'string' } as const;
  const { quick, ...values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      merge: { type: 'boolean' },
      ...{ only: text, parts: text, rounds: text, seconds: text, uploads: text, images: text },
    },
  }).values;
  const preset = quick
    ? { only: 'ours,onnxruntime,onnxruntimeEight', parts: 'rounds,pipeline,steps', rounds: '3', seconds: '6' }
    : {};
  const file = quick ? join(cacheDir, 'results-quick.json') : resultsFile;
  return { ...optionsSchema.parse({ ...preset, ...values }), file };
}

async function main(): Promise<void> {
  const options = readOptions();
  const settings = await readBenchSettings();
  await mkdir(cacheDir, { recursive: true });
  const photos = await readPhotos(settings);
  const probe = surest(photos);
  const bodies = await prepareBodies(photos);
  const large = options.parts.includes('large') ? await enlarge(probe) : undefined;
  const facts = { machine: await describeMachine(), photos: photos.length, secondsEach: options.seconds };
  const earlier = options.merge ? await readResults(options.file) : undefined;
  const results = resultsSchema.parse({ ...earlier, ...facts });
  if (large) results.largeReference = await classifyInFull(large, settings.modelDir);
  const { seconds, file } = options;
  const shared = { photos, bodies, probe, large, seconds };
  await runParts({ ...options, settings, shared, results, save: () => writeResults(results, file) });
  console.log(`\n${report(results)}\n\nKept in ${file}.`);
}

await main();
