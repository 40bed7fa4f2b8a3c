import * as z from 'zod';
import { modelName } from '../description.ts';
import type { OutputKind } from './own/kinds.ts';

/** A value of a setting that has one for each model; one without a name is for all. */
export interface NamedValue<Value> {
  readonly name?: string | undefined;
  readonly value: Value;
}
type NamedValues<Value> = readonly NamedValue<Value>[];

/** Which models are wanted, and what is said of each. */
export interface ModelChoices {
  /** A path each; an empty one is Keras' default. The first is the default model. None means Keras' alone. */
  readonly models: NamedValues<string>;
  readonly files: NamedValues<string>;
  readonly outputs: NamedValues<OutputKind>;
  readonly labels: NamedValues<string>;
}

/** What stands before the first `=` is a name, unless it is the start of a path. */
const entry = /^(?:([^=/\\]*)=)?(.*)$/s;

/** Text such as `kinds=a.onnx,b.onnx`: values with commas between, each with a name before it or without. */
export function namedValues<Value>(value: z.ZodType<Value, string>) {
  return z
    .string()
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .transform((parts) => parts.map(splitName))
    .pipe(z.array(z.object({ name: modelName.optional(), value })));
}

function splitName(text: string): { name?: string | undefined; value: string } {
  const [, name, value = ''] = entry.exec(text) ?? [];
  return { name, value };
}

/** What is said of a model by name, else what is said of all. */
export function valueFor<Value>(model: string | undefined, values: NamedValues<Value>): Value | undefined {
  const own = values.find(({ name }) => name !== undefined && name === model);
  return (own ?? values.find(({ name }) => name === undefined))?.value;
}
