import { createHash } from 'node:crypto';
import { cp, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { callName, findModels, listFile, type NamedFolder } from '../folder.ts';
import { ModelError } from './errors.ts';
import { type BuildOptions, buildModel } from './index.ts';
import { type ModelChoices, type NamedValue, valueFor } from './named.ts';
import { type BuiltModel, publishFolder } from './publish.ts';

export interface ModelsOptions
  extends ModelChoices,
    Pick<BuildOptions, 'weights' | 'cacheDir' | 'onProgress'> {}

/** What was built: the folder that every runtime loads, and the models in it, the default first. */
export interface BuiltModels {
  readonly dir: string;
  /** The default one. */
  readonly model: BuiltModel;
  readonly models: readonly NamedModel[];
}

export interface NamedModel extends BuiltModel {
  /** What requests call it by. */
  readonly calledBy: string;
}

/**
 * Builds each model that is named; without any, Keras' MobileNetV2. A single one without a name of its own is its model folder, as
 * `buildModel` makes it. Else the folder holds a list of model folders.
 * @throws {Error} whose message is one sentence for the person at the terminal.
 */
export async function buildModels(options: ModelsOptions): Promise<BuiltModels> {
  const { models: chosen, files, outputs, labels, ...common } = options;
  requireKnownNames(chosen, { MODEL_FILE: files, MODEL_OUTPUT: outputs, MODEL_LABELS: labels });
  const entries: readonly NamedValue<string | undefined>[] =
    chosen.length > 0 ? chosen : [{ value: undefined }];
  const models: NamedModel[] = [];
  // One after the other: each is tried in a process of its own, which may need most of the memory.
  for (const { name, value } of entries) {
    const model = await buildModel({
      ...common,
      model: value || undefined,
      modelFile: valueFor(name, files),
      modelOutput: valueFor(name, outputs),
      labels: valueFor(name, labels),
    });
    models.push({ ...model, calledBy: name ?? callName(model.name) });
  }
  requireDifferentNames(models);
  const [model, ...others] = models;
  if (model === undefined) throw new Error('No model was built.');
  const isPlain = others.length === 0 && entries[0]?.name === undefined;
  return { dir: isPlain ? model.dir : await writeList(models, options.cacheDir), model, models };
}

/** Copies a folder that `buildModels` made, with the model folders of its list in `models/`. */
export async function copyModels(dir: string, out: string): Promise<void> {
  const isList = await stat(join(dir, listFile)).catch(() => undefined);
  if (isList === undefined) return cp(dir, out, { recursive: true });
  const models = await findModels(dir);
  for (const model of models) await cp(model.dir, join(out, folderOf(model)), { recursive: true });
  await writeFile(
    join(out, listFile),
    JSON.stringify(models.map((model) => ({ name: model.name, folder: folderOf(model) }))),
  );
}

function folderOf({ name }: Pick<NamedFolder, 'name'>): string {
  return `models/${name}`;
}

/** Network files are large: the list refers to where they were built. */
async function writeList(models: readonly NamedModel[], cacheDir: string): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify(models.map(({ calledBy, dir }) => [calledBy, dir])))
    .digest('hex');
  const dir = join(cacheDir, `several-${key.slice(0, 24)}`);
  const list = models.map((model) => ({ name: model.calledBy, folder: relative(dir, model.dir) }));
  await publishFolder(dir, (temporary) => writeFile(join(temporary, listFile), JSON.stringify(list)));
  return dir;
}

/** @throws {ModelError} where a setting is for a model that is not there. */
function requireKnownNames(
  models: ModelChoices['models'],
  settings: Readonly<Record<string, readonly NamedValue<string>[]>>,
): void {
  const names = models.flatMap(({ name }) => name ?? []);
  for (const [setting, values] of Object.entries(settings)) {
    const unknown = values.find(({ name }) => name !== undefined && !names.includes(name))?.name;
    if (unknown === undefined) continue;
    const known = names.length > 0 ? `there are ${names.join(', ')}` : 'none has a name: say MODEL=name=path';
    throw new ModelError(`${setting} has a value for ${unknown}, and MODEL no model of that name: ${known}.`);
  }
}

/** @throws {ModelError} where a request could not tell two models apart. */
function requireDifferentNames(models: readonly NamedModel[]): void {
  const twice = models.find(
    ({ calledBy }, at) => models.findIndex((other) => other.calledBy === calledBy) < at,
  );
  if (twice === undefined) return;
  throw new ModelError(
    `MODEL has two models called ${twice.calledBy}: give them different names, such as MODEL=first=path,second=path.`,
  );
}
