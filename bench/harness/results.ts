import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { cacheDir } from './settings.ts';

/** Figures by name, such as `rate@8` (requests a second at eight connections) or `p50@1` (milliseconds). */
export const figures = z.record(z.string(), z.number());
export type Figures = z.infer<typeof figures>;

/** What `npm run bench` keeps: each round's figures of each contender. A run that was cut short has fewer rounds. */
export const resultsSchema = z.object({
  machine: z.record(z.string(), z.string()),
  photos: z.number(),
  seconds: z.number(),
  rounds: z.array(z.record(z.string(), figures)).default([]),
});
export type Results = z.infer<typeof resultsSchema>;

export const resultsFile = join(cacheDir, 'results.json');

export async function readResults(file = resultsFile): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

export async function writeResults(results: Results, file: string): Promise<void> {
  await writeFile(file, JSON.stringify(results, undefined, 1));
}

/** One figure of a contender in each round that has it. */
export function valuesOf({ rounds }: Results, contender: string, figure: string): number[] {
  return rounds.map((round) => round[contender]?.[figure]).filter((value) => value !== undefined);
}
