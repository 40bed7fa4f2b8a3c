import { join, resolve } from 'node:path';
import * as z from 'zod';
import { buildModel } from '../../layers/model/build/index.ts';

const root = join(import.meta.dirname, '../..');

/** Everything the benchmarks write: results, prepared requests, virtual environments. */
export const cacheDir = join(root, '.cache/bench');

const path = z.string().transform((given) => resolve(given));
const schema = z.object({
  MODEL_WEIGHTS: path,
  MODEL_LABELS: path,
  SAMPLE_IMAGES: path,
  REFERENCE_DIR: path.optional(),
});

export interface BenchSettings {
  /** Keras' own files, as peer 1 takes them. */
  readonly weights: string;
  readonly labels: string;
  /** Folder of photos, `<wnid>_<label>.JPEG`. */
  readonly images: string;
  /** Folder with `keras_top5.json`; without it, answers are held against the classifier of this repository. */
  readonly reference: string | undefined;
  /** The folder that `layers/model` built. */
  readonly modelDir: string;
}

/** @throws {Error} naming the environment variable that is missing. */
export async function readBenchSettings(): Promise<BenchSettings> {
  const parsed = schema.safeParse(process.env);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path: [name] }) => String(name));
    throw new Error(`bench/README.md says what these environment variables name: ${names.join(', ')}.`);
  }
  const { MODEL_WEIGHTS: weights, MODEL_LABELS: labels, SAMPLE_IMAGES: images } = parsed.data;
  const { dir: modelDir } = await buildModel({ weights, labels, cacheDir: join(root, '.cache/model') });
  return { weights, labels, images, reference: parsed.data.REFERENCE_DIR, modelDir };
}

/** Where this repository's own modules are. */
export function inRepository(...parts: string[]): string {
  return join(root, ...parts);
}
