import { type Contender, type ContenderName, contender } from '../harness/contenders.ts';
import { disturbed, waitForCalm } from '../harness/processor.ts';
import type { Results } from '../harness/results.ts';
import type { BenchSettings } from '../harness/settings.ts';
import { runMemory } from './memory.ts';
import { runPipeline } from './pipeline.ts';
import { runQueue } from './queue.ts';
import { type RoundOptions, runRound } from './round.ts';
import { runSteps } from './steps.ts';

export const partNames = ['rounds', 'large', 'pipeline', 'steps', 'queue', 'memory'] as const;
export type Part = (typeof partNames)[number];

export interface Run {
  readonly only: readonly ContenderName[];
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly uploads: number;
  readonly images: number;
  readonly settings: BenchSettings;
  readonly shared: RoundOptions;
  /** Grows while the parts run. */
  readonly results: Results;
  save(): Promise<void>;
}

/** Everything in turn, several times, so that the machine's moods reach all alike; memory last, for it takes long and varies little. */
export async function runParts(run: Run): Promise<void> {
  const { parts, results, rounds } = run;
  if (parts.includes('rounds')) results.rounds = {};
  if (parts.includes('pipeline')) results.pipeline = [];
  if (parts.includes('steps')) results.steps = [];
  if (parts.includes('queue')) results.queue = [];
  for (let index = 1; index <= rounds && parts.some(isInterleaved); index++) {
    say(`Round ${index} of ${rounds}`);
    if (parts.includes('rounds')) await runContenders(run);
    if (parts.includes('pipeline')) await runPipelines(run);
    await runOwn(run);
    await run.save();
  }
  if (parts.includes('memory')) await runMemories(run);
}

function isInterleaved(part: Part): boolean {
  return part !== 'memory';
}

async function runContenders({ only, settings, shared, results }: Run): Promise<void> {
  for (const name of only) {
    const figures = await undisturbed(() => runRound(contender(name, settings), shared));
    results.rounds[name] = [...(results.rounds[name] ?? []), figures];
    const { one, eight } = figures;
    say(`  ${name}: ${one.perSecond.toFixed(1)} and ${eight.perSecond.toFixed(1)} requests per second`);
  }
}

const tries = 2;

/** Measures when the machine is calm, and again where others worked on it meanwhile; the less disturbed of two counts. */
async function undisturbed<T extends { readonly others: number }>(measure: () => Promise<T>): Promise<T> {
  let best: T | undefined;
  for (let attempt = 0; attempt < tries; attempt++) {
    await waitForCalm();
    const result = await measure();
    if (best === undefined || result.others < best.others) best = result;
    if (result.others < disturbed) break;
    say(`  others took ${(100 * result.others).toFixed(0)} % of a core meanwhile`);
  }
  if (best === undefined) throw new Error('Nothing was measured.');
  return best;
}

/** Processes and threads: a lone image may have both cores, with more in flight each process has one. */
const shapes = [
  [1, 1],
  [1, 2],
  [2, 1],
] as const;

async function runPipelines({ shared: { seconds }, results }: Run): Promise<void> {
  for (const [processes, threads] of shapes) {
    const figures = await undisturbed(() => runPipeline({ processes, threads, seconds }));
    results.pipeline.push(figures);
    say(`  pipeline, ${processes} × ${threads}: ${figures.perSecond.toFixed(1)} images per second`);
  }
}

/** What only our own service has. */
async function runOwn({ parts, settings, shared, uploads, results }: Run): Promise<void> {
  const ours: Contender = contender('ours', settings);
  if (parts.includes('steps')) results.steps.push(await undisturbed(() => runSteps(ours, shared)));
  if (!parts.includes('queue')) return;
  const figures = await undisturbed(() => runQueue(ours, { ...shared, uploads }));
  results.queue.push(figures);
  say(`  queue: ${figures.perSecond.toFixed(1)} uploads per second`);
}

async function runMemories({ only, images, settings, shared, results, save }: Run): Promise<void> {
  const marks = [0.2, 0.4, 0.6, 0.8, 1].map((share) => Math.round(images * share));
  for (const name of only) {
    say(`  memory of ${name}`);
    results.memory[name] = await runMemory(contender(name, settings), { ...shared, marks });
    await save();
  }
}

/** Progress goes beside the tables. */
function say(line: string): void {
  console.error(line);
}
