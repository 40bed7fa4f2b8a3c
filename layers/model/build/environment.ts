import { resolve } from 'node:path';
import * as z from 'zod';
import { type ModelChoices, namedValues } from './named.ts';
import { outputKinds } from './own/kinds.ts';

/** A path from the working folder; an empty one stays empty. */
const path = z.string().transform((given) => given && resolve(given));

/** The settings that say which models are built. */
export const modelSettings = {
  model: namedValues(path).prefault(''),
  modelFile: namedValues(z.string()).prefault(''),
  modelOutput: namedValues(z.enum(outputKinds)).prefault(''),
  modelWeights: path.optional(),
  modelLabels: namedValues(path).prefault(''),
} as const;
type ModelSettings = z.infer<z.ZodObject<typeof modelSettings>>;

/** What each of them takes, in words. */
export const modelSettingsTake: Readonly<Record<keyof ModelSettings, string>> = {
  model: 'your own model, a Hugging Face folder or an .onnx file; several as name=path, with commas between',
  modelFile: 'another .onnx file of that folder, such as onnx/model_quantized.onnx',
  modelOutput: `what its output is where its files do not tell: ${outputKinds.join(', ')}`,
  modelWeights: 'a Keras weights file of MobileNetV2 (.h5)',
  modelLabels: 'labels: a class index (.json), or a text with one a line',
};

/** The settings as `buildModels` takes them. */
export function modelChoices(
  settings: ModelSettings,
): ModelChoices & { readonly weights: string | undefined } {
  const {
    model: models,
    modelFile: files,
    modelOutput: outputs,
    modelWeights: weights,
    modelLabels: labels,
  } = settings;
  return { models, files, outputs, weights, labels };
}

const names = {
  MODEL: 'model',
  MODEL_FILE: 'modelFile',
  MODEL_OUTPUT: 'modelOutput',
  MODEL_WEIGHTS: 'modelWeights',
  MODEL_LABELS: 'modelLabels',
} as const satisfies Record<string, keyof ModelSettings>;

/**
 * Reads which models are wanted from environment variables. An empty one counts as not set.
 * @throws {Error} naming the one that is wrong, and what it takes.
 */
export function modelFromEnvironment(environment: Readonly<Record<string, string | undefined>>) {
  const given = Object.entries(names).map(([variable, name]) => [name, environment[variable] || undefined]);
  const result = z.object(modelSettings).safeParse(Object.fromEntries(given));
  if (result.success) return modelChoices(result.data);
  const at = result.error.issues[0]?.path[0];
  const [variable, name] = Object.entries(names).find(([, setting]) => setting === at) ?? ['MODEL', 'model'];
  throw new Error(`${variable} takes ${modelSettingsTake[name]}, not "${environment[variable]}".`);
}
