import { join, resolve } from 'node:path';
import * as z from 'zod';
import { buildModel } from '../../layers/model/build/index.ts';

/** Where this repository's own modules are. */
export const inRepository = (...parts: string[]) => join(import.meta.dirname, '../..', ...parts);

/** Everything the benchmarks write: results, prepared requests, virtual environments. */
export const cacheDir = inRepository('.cache/bench');

const path = z.string().transform((given) => resolve(given));
const schema = z.object({
  MODEL_WEIGHTS: path,
  MODEL_LABELS: path,
  SAMPLE_IMAGES: path,
  REFERENCE_DIR: path,
});

export interface BenchSettings {
  /** Keras' own files. */
  readonly weights: string;
  readonly labels: string;
  /** Folder of photos. */
  readonly images: string;
  /** Folder with `keras_top5.json`, what Keras answers for them. */
  readonly reference: string;
  /** The folder that `layers/model` built. */
  readonly modelDir: string;
}

/** @throws {Error} naming the environment variables that are missing. */
export async function readBenchSettings(): Promise<BenchSettings> {
  const parsed = schema.safeParse(process.env);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path: [name] }) => String(name));
    throw new Error(`bench/README.md says what these environment variables name: ${names.join(', ')}.`);
  }
  const { MODEL_WEIGHTS: weights, MODEL_LABELS: labels, SAMPLE_IMAGES: images, REFERENCE_DIR } = parsed.data;
  const { dir: modelDir } = await buildModel({ weights, labels, cacheDir: inRepository('.cache/model') });
  return { weights, labels, images, reference: REFERENCE_DIR, modelDir };
}
