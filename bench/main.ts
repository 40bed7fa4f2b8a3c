/**
 * `npm run bench`: our server and its peers in turn, several times, on this machine. `--quick` is ours and peer 2 under load, for
 * whoever makes the server faster. bench/README.md says what must be installed.
 */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { contender, contenderNames } from './harness/contenders.ts';
import { describeMachine } from './harness/machine.ts';
import { enlarge, prepareBodies, readPhotos, surest } from './harness/photos.ts';
import { report } from './harness/report.ts';
import { type Results, readResults, resultsFile, resultsSchema, writeResults } from './harness/results.ts';
import { type BenchSettings, cacheDir, readBenchSettings } from './harness/settings.ts';
import { classifyInFull } from './parts/large-reference.ts';
import { runMemory } from './parts/memory.ts';
import { runPipeline } from './parts/pipeline.ts';
import { runQueue } from './parts/queue.ts';
import { type RoundOptions, runRound } from './parts/round.ts';
import { runSteps } from './parts/steps.ts';

const partNames = ['rounds', 'large', 'pipeline', 'steps', 'queue', 'memory'] as const;
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
type Options = z.infer<typeof optionsSchema>;

function readOptions(): Options {
  const text = { type: 'string' } as const;
  const { quick, ...values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      merge: { type: 'boolean' },
      ...{ only: text, parts: text, rounds: text, seconds: text, uploads: text, images: text },
    },
  }).values;
  const preset = quick
    ? { only: 'ours,onnxruntime', parts: 'rounds,pipeline,steps', rounds: '3', seconds: '6' }
    : {};
  return optionsSchema.parse({ ...preset, ...values });
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
  const earlier = options.merge ? await readResults() : undefined;
  const results = resultsSchema.parse({ ...earlier, ...facts });
  if (large) results.largeReference = await classifyInFull(large, settings.modelDir);
  const { seconds } = options;
  await runParts(options, settings, { photos, bodies, probe, large, seconds }, results);
  console.log(`\n${report(results)}\n\nKept in ${resultsFile}.`);
}

async function runParts(options: Options, settings: BenchSettings, shared: RoundOptions, results: Results) {
  if (options.parts.includes('rounds') || options.parts.includes('pipeline')) {
    if (options.parts.includes('rounds')) results.rounds = {};
    if (options.parts.includes('pipeline')) results.pipeline = [];
    for (let index = 1; index <= options.rounds; index++) {
      say(`Round ${index} of ${options.rounds}`);
      await runInterleaved(options, settings, shared, results);
      await writeResults(results);
    }
  }
  if (options.parts.includes('queue')) {
    results.queue = [];
    for (let index = 0; index < Math.min(3, options.rounds); index++) {
      say('  queue');
      results.queue.push(
        await runQueue(contender('ours', settings), { ...shared, uploads: options.uploads }),
      );
      await writeResults(results);
    }
  }
  if (options.parts.includes('memory')) await runMemories(options, settings, shared, results);
  await writeResults(results);
}

/** Each contender once, and the pipeline alone among them, so that the machine's moods reach all alike. */
async function runInterleaved(
  { only, parts, seconds }: Options,
  settings: BenchSettings,
  shared: RoundOptions,
  results: Results,
) {
  if (parts.includes('rounds')) {
    for (const name of only) {
      const figures = await runRound(contender(name, settings), shared);
      results.rounds[name] = [...(results.rounds[name] ?? []), figures];
      const { one, eight } = figures;
      say(`  ${name}: ${one.perSecond.toFixed(1)} and ${eight.perSecond.toFixed(1)} requests per second`);
    }
  }
  if (!parts.includes('pipeline')) return;
  for (const [processes, threads] of [
    [1, 1],
    [1, 2],
    [2, 1],
  ] as const) {
    const run = await runPipeline({ processes, threads, seconds });
    results.pipeline.push(run);
    say(`  pipeline, ${processes} × ${threads}: ${run.perSecond.toFixed(1)} images per second`);
  }
}

async function runMemories(
  { only, images }: Options,
  settings: BenchSettings,
  { photos, probe }: RoundOptions,
  results: Results,
) {
  const marks = [0.2, 0.4, 0.6, 0.8, 1].map((share) => Math.round(images * share));
  results.memory = {};
  for (const name of only) {
    say(`  memory of ${name}`);
    results.memory[name] = await runMemory(contender(name, settings), { photos, probe, marks });
    await writeResults(results);
  }
}

/** Progress goes beside the tables. */
function say(line: string): void {
  console.error(line);
}

await main();
