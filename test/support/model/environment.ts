import { seededInputs } from './weights.ts';

/** The environment by which a server finds a model: the weights that are named, else the seeded ones that tests write. */
export async function modelEnvironment(): Promise<Record<string, string>> {
  const { MODEL_WEIGHTS, MODEL_LABELS } = process.env;
  if (MODEL_WEIGHTS && MODEL_LABELS) return { MODEL_WEIGHTS, MODEL_LABELS };
  const { weights, labels } = await seededInputs();
  return { MODEL_WEIGHTS: weights, MODEL_LABELS: labels };
}
