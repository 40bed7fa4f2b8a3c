import { join } from 'node:path';
import { seededModel } from './weights.ts';

/** The environment by which a server finds a model: the weights that are named, else the seeded ones that tests write. */
export async function modelEnvironment(): Promise<Record<string, string>> {
  const { MODEL_WEIGHTS, MODEL_LABELS } = process.env;
  if (MODEL_WEIGHTS && MODEL_LABELS) return { MODEL_WEIGHTS, MODEL_LABELS };
  await seededModel();
  const folder = join(import.meta.dirname, '../../.cache/seeded-model');
  return { MODEL_WEIGHTS: join(folder, 'weights-1.h5'), MODEL_LABELS: join(folder, 'labels.json') };
}
