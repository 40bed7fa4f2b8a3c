import * as z from 'zod';
import type { BuildOptions } from './index.ts';
import { outputKinds } from './own/kinds.ts';

/** The settings that say which model is built, by the names of `BuildOptions`. An empty one counts as not set. */
const settings = z.object({
  MODEL: z.string().optional(),
  MODEL_FILE: z.string().optional(),
  MODEL_OUTPUT: z.enum(outputKinds, `MODEL_OUTPUT takes ${outputKinds.join(', ')}.`).optional(),
  MODEL_WEIGHTS: z.string().optional(),
  MODEL_LABELS: z.string().optional(),
});

/** Reads which model is wanted from environment variables. @throws {Error} naming the one that is wrong. */
export function modelFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Omit<BuildOptions, 'cacheDir' | 'onProgress'> {
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const result = settings.safeParse(Object.fromEntries(given));
  if (!result.success) throw new Error(result.error.issues[0]?.message);
  const { MODEL, MODEL_FILE, MODEL_OUTPUT, MODEL_WEIGHTS, MODEL_LABELS } = result.data;
  return {
    ...{ model: MODEL, modelFile: MODEL_FILE, modelOutput: MODEL_OUTPUT },
    ...{ weights: MODEL_WEIGHTS, labels: MODEL_LABELS },
  };
}
