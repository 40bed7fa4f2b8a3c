import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { contenderNames } from './contenders.ts';
import { cacheDir } from './settings.ts';

const load = z.object({
  perSecond: z.number(),
  p50: z.number(),
  p99: z.number(),
  generatorShare: z.number(),
});

/** What others took of one core while it was measured. */
const others = z.number();

const round = z.object({
  start: z.number(),
  agreed: z.number(),
  one: load,
  eight: load,
  large: z.object({ p50: z.number(), label: z.string(), score: z.number() }).optional(),
  memory: z.number(),
  others,
});

const pipelineRun = z.object({
  processes: z.number(),
  threads: z.number(),
  perSecond: z.number(),
  p50: z.number(),
  decode: z.number(),
  resize: z.number(),
  network: z.number(),
  others,
});
export type PipelineRun = z.infer<typeof pipelineRun>;

const memoryRun = z.array(z.object({ images: z.number(), megabytes: z.number() }));
const queueRun = z.object({
  uploads: z.number(),
  succeeded: z.number(),
  perSecond: z.number(),
  clientShare: z.number(),
  others,
});

const perContender = <Schema extends z.ZodType>(schema: Schema) =>
  z.partialRecord(z.enum(contenderNames), schema);

/** What `npm run bench` keeps in `results.json`: every round, so that whoever reads it can take other middles. */
export const resultsSchema = z.object({
  machine: z.record(z.string(), z.string()),
  photos: z.number(),
  secondsEach: z.number(),
  rounds: perContender(z.array(round)).default({}),
  pipeline: z.array(pipelineRun).default([]),
  memory: perContender(memoryRun).default({}),
  queue: z.array(queueRun).default([]),
  steps: z.array(z.record(z.string(), z.number())).default([]),
  largeReference: z.object({ label: z.string(), score: z.number() }).optional(),
});
export type Results = z.infer<typeof resultsSchema>;

export const resultsFile = join(cacheDir, 'results.json');

export async function readResults(file = resultsFile): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

export async function writeResults(results: Results, file = resultsFile): Promise<void> {
  await writeFile(file, JSON.stringify(results, undefined, 1));
}
