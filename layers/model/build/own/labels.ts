import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import * as z from 'zod';
import type { ModelLabel } from '../../description.ts';
import { ModelError } from '../errors.ts';

const name = z.string().trim().min(1);
const named = name.transform((label): ModelLabel => ({ label }));
const kerasEntry = z.tuple([z.string(), name]).transform(([wnid, label]): ModelLabel => ({ wnid, label }));
const entry = z.union([named, kerasEntry, z.object({ wnid: z.string().optional(), label: name })]);
const byIndex = z.record(z.string().regex(/^\d+$/), entry);
const list = z.array(entry).min(1);
const byLabel = z
  .record(z.string(), z.int().min(0))
  .transform(
    (indices): Record<string, ModelLabel> =>
      Object.fromEntries(Object.entries(indices).map(([label, index]) => [String(index), { label }])),
  );
/** A `config.json`, of `transformers` or of timm. */
const config = z.union([
  z.object({ id2label: z.union([list, byIndex]) }).transform(({ id2label }) => id2label),
  z.object({ label2id: byLabel }).transform(({ label2id }) => label2id),
  z.object({ label_names: list }).transform(({ label_names }) => label_names),
]);
const document = z.union([list, byIndex, config]);

/**
 * Reads labels in the order of the network's output: a text file with one a line, or JSON: a list, Keras' class index, or an object by index,
 * which may stand under `id2label`; or a `config.json` that has only `label2id` or timm's `label_names`.
 * @throws {ModelError} where the file cannot be read as such, or leaves out an index.
 */
export async function readLabels(path: string): Promise<ModelLabel[]> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  if (extname(path).toLowerCase() !== '.json') return readLines(path, text);
  const result = document.safeParse(parseJson(path, text));
  if (!result.success) {
    throw new ModelError(
      `${path} is not a list of labels: write ["cat", "dog"] or {"0": "cat", "1": "dog"}.`,
    );
  }
  return Array.isArray(result.data) ? result.data : inOrder(path, result.data);
}

/** @throws {ModelError} where the text is not JSON. */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(`${path} is not JSON: check it for a comma or a bracket too many or too few.`, {
      cause,
    });
  }
}

function readLines(path: string, text: string): ModelLabel[] {
  const lines = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const empty = lines.indexOf('');
  if (empty >= 0)
    throw new ModelError(`${path} has no label in line ${empty + 1}: each line names one class.`);
  return lines.map((label) => ({ label }));
}

/** The entries of an object by index. @throws {ModelError} where an index is left out. */
export function inOrder(path: string, entries: Readonly<Record<string, ModelLabel>>): ModelLabel[] {
  const count = Object.keys(entries).length;
  return Array.from({ length: count }, (_, index) => {
    const found = entries[String(index)];
    if (found === undefined)
      throw new ModelError(`${path} has ${count} labels, and none for the class ${index}.`);
    return found;
  });
}
