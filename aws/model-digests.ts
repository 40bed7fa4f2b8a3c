import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** What the build lays beside the classify function: SHA-256 of each file of the model, in hex. */
export const digestsFile = 'model-digests.json';

export const modelDigests = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
export type ModelDigests = z.infer<typeof modelDigests>;

export async function digestsOf(modelDir: string, files: readonly string[]): Promise<ModelDigests> {
  const entries = files.map(async (file): Promise<[string, string]> => {
    const bytes = await readFile(join(modelDir, file));
    return [file, createHash('sha256').update(bytes).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Compares a model folder with what the function was built with: a layer of another version must not answer.
 * @throws {Error} that names the files that differ.
 */
export async function checkModel(modelDir: string, functionDir: string): Promise<void> {
  const text = await readFile(join(functionDir, digestsFile), 'utf8');
  const expected = modelDigests.parse(JSON.parse(text));
  const found = await digestsOf(modelDir, Object.keys(expected));
  const different = Object.keys(expected).filter((file) => found[file] !== expected[file]);
  if (different.length === 0) return;
  throw new Error(
    `The model in ${modelDir} is not the one this function was built with: ${different.join(', ')} differ.`,
  );
}
