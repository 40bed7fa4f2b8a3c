import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { ModelLabel } from '../description.ts';

const classIndexSchema = z.record(z.string().regex(/^\d+$/), z.tuple([z.string(), z.string()]));

/**
 * Reads Keras' class index, `{"0": ["n01440764", "tench"], …}`, as a list in index order.
 * @throws {Error} one sentence that names the file, where it is missing, not a class index, or not of `classes` classes.
 */
export async function readClassIndex(path: string, classes: number): Promise<ModelLabel[]> {
  const index = await parseClassIndex(path);
  const labels = Array.from({ length: classes }, (_, i) => index[String(i)]);
  if (Object.keys(index).length !== classes || labels.includes(undefined)) {
    throw new Error(`${path} does not name the classes 0 to ${classes - 1} that the network tells apart.`);
  }
  return labels.flatMap((entry) => (entry ? [{ wnid: entry[0], label: entry[1] }] : []));
}

async function parseClassIndex(path: string): Promise<z.infer<typeof classIndexSchema>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`There is no class index at ${path}.`, { cause });
  });
  try {
    return classIndexSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${path} is not a class index of the form {"0": ["n01440764", "tench"], …}.`, { cause });
  }
}
