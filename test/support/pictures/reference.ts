import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type BuiltModel, buildModel } from '../../../layers/model/build/index.ts';

/** Where the photos, Keras' answers for them and the weights that these belong to stand on this machine. */
export interface References {
  readonly images: string;
  readonly answers: string;
  readonly weights: string;
  readonly labels: string;
}

const variables = {
  images: 'SAMPLE_IMAGES',
  answers: 'REFERENCE_DIR',
  weights: 'MODEL_WEIGHTS',
  labels: 'MODEL_LABELS',
};

/**
 * The references that the environment names. Tests that need them are skipped without, but not in our own CI, which sets `CI` and
 * `REQUIRE_REFERENCE=1`: there a missing one is an error.
 */
export const references: References | undefined = readReferences();

function readReferences(): References | undefined {
  const { SAMPLE_IMAGES, REFERENCE_DIR, MODEL_WEIGHTS, MODEL_LABELS, CI, REQUIRE_REFERENCE } = process.env;
  if (SAMPLE_IMAGES && REFERENCE_DIR && MODEL_WEIGHTS && MODEL_LABELS) {
    return { images: SAMPLE_IMAGES, answers: REFERENCE_DIR, weights: MODEL_WEIGHTS, labels: MODEL_LABELS };
  }
  if (CI && REQUIRE_REFERENCE === '1')
    throw new Error(`REQUIRE_REFERENCE=1 needs ${Object.values(variables).join(', ')}.`);
  return undefined;
}

/** The references, for tests that are skipped without. */
export function requireReferences(): References {
  if (!references) throw new Error(`Set ${Object.values(variables).join(', ')}.`);
  return references;
}

/** The model of the references' weights, built once per machine. */
export function referenceModel(): Promise<BuiltModel> {
  const { weights, labels } = requireReferences();
  return buildModel({ weights, labels, cacheDir: join(import.meta.dirname, '../../../.cache/model') });
}

const topSchema = z.record(
  z.string(),
  z.array(z.object({ index: z.int(), label: z.string(), score: z.number() })),
);

/** Keras' best classes for each picture of one of the reference's files. */
export async function readKerasTop(file: string): Promise<z.infer<typeof topSchema>> {
  return topSchema.parse(JSON.parse(await readFile(join(requireReferences().answers, file), 'utf8')));
}

/** All of Keras' probabilities for each picture in `pixels/`. */
export async function readKerasProbabilities(): Promise<Record<string, number[]>> {
  const text = await readFile(join(requireReferences().answers, 'keras_probabilities.json'), 'utf8');
  return z.record(z.string(), z.array(z.number())).parse(JSON.parse(text));
}

const committedSchema = z.object({
  weights: z.string(),
  pictures: z.record(
    z.string(),
    z.object({ source: z.string(), resized: z.string(), probabilities: z.array(z.number()) }),
  ),
});

export type CommittedReference = z.infer<typeof committedSchema>;

/**
 * Keras' answers for the drawn pictures (`test/keras/reference.py`), which are part of the repository for some weights: those whose
 * SHA-256 begins as a file's name does.
 */
export async function readCommittedReference(sha256: string): Promise<CommittedReference | undefined> {
  const path = join(import.meta.dirname, `../../model/reference/${sha256.slice(0, 12)}.json`);
  if (!existsSync(path)) return undefined;
  return committedSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}
