import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { runPart } from '../../functions/label/run-part.ts';
import { UsageError } from '../../functions/shared/usage-error.ts';

const runState = z.object({
  run: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  again: z.boolean(),
  sample: z.int().optional(),
  rate: z.int().optional(),
  /** Objects and parts that the queue has taken, and the last key of them. */
  sentObjects: z.int(),
  nextPart: z.int(),
  lastKey: z.string().optional(),
  /** Objects that had labels already. */
  skipped: z.int(),
  /** Written before they are sent: whether the queue has taken them is not known until they are gone from here. */
  pending: z.array(runPart),
  isListed: z.boolean(),
});
export type RunState = z.infer<typeof runState>;

/** Keeps a run's place. It is replaced as a whole, so that a crash leaves the old one or the new one. */
export async function writeRunState(path: string, state: RunState): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(state));
  await rename(`${path}.new`, path);
}

/** @throws {UsageError} where the file is not there or no run's. */
export async function readRunState(path: string): Promise<RunState> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`There is no run to go on with at ${path}.`);
  });
  const state = runState.safeParse(JSON.parse(text));
  if (state.success) return state.data;
  throw new UsageError(`${path} is not the place of a run.`);
}
