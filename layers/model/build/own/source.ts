import { access, constants, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import * as z from 'zod';
import { ModelError } from '../errors.ts';
import { parseJson } from './labels.ts';

/** The files of a person's own model, as they stand on the disk. */
export interface ModelSource {
  readonly name: string;
  /** The `.onnx` file. */
  readonly network: string;
  /** Labels as a text or JSON file; `config.json` of a folder is one, by its `id2label`, `label2id` or timm's `label_names`. */
  readonly labels: string;
  readonly config: Config;
  /** `preprocessor_config.json`, where there is one, or a `config.json` of timm's. */
  readonly processor: string | undefined;
}

const configSchema = z.object({
  model_type: z.string().optional().catch(undefined),
  problem_type: z.string().nullish(),
  id2label: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]).optional(),
  label2id: z.record(z.string(), z.unknown()).optional(),
  /** timm's own. */
  label_names: z.array(z.unknown()).optional(),
  pretrained_cfg: z.object({}).loose().optional(),
});
export type Config = z.infer<typeof configSchema>;

export interface SourceOptions {
  /** A folder or an `.onnx` file. */
  readonly model: string;
  /** Another `.onnx` file of the folder, such as `onnx/model_quantized.onnx`. */
  readonly modelFile?: string | undefined;
  /** Labels for a model that has none beside it. */
  readonly labels?: string | undefined;
}

/**
 * Finds a model's files. Symbolic links are followed, as in Hugging Face's cache.
 * @throws {ModelError} naming what is not there, or may not be read.
 */
export async function findSource({ model, modelFile, labels }: SourceOptions): Promise<ModelSource> {
  const path = resolve(model);
  const kind = await kindOf(path);
  const folder = kind === 'folder' ? path : dirname(path);
  const network = kind === 'folder' ? await networkOf(path, modelFile) : path;
  if (kind === 'file' && extname(path).toLowerCase() !== '.onnx') {
    throw new ModelError(
      `MODEL names ${path}, which is not an .onnx file: export the model to ONNX, see docs/own-model.md.`,
    );
  }
  const configFile = await existing(folder, ['config.json']);
  const config = configFile === undefined ? {} : await readConfig(configFile);
  const timm = config.pretrained_cfg === undefined ? undefined : configFile;
  const processor = (await existing(folder, ['preprocessor_config.json'])) ?? timm;
  if (kind === 'folder' && processor === undefined) {
    throw new ModelError(
      `${path} has no preprocessor_config.json, which says what is done to a picture: add it.`,
    );
  }
  const labelled = config.id2label ?? config.label2id ?? config.label_names;
  const found = (labelled && configFile) ?? (await existing(folder, ['labels.txt', 'labels.json'])) ?? labels;
  if (found === undefined) {
    const where = kind === 'folder' ? 'id2label in config.json' : 'a labels.txt beside it, one label a line';
    throw new ModelError(`${path} has no labels: add ${where}, or name a file with MODEL_LABELS.`);
  }
  if (found === labels) await requireReadable('MODEL_LABELS', found);
  return { name: nameOf(path, kind), network, labels: found, config, processor };
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  await requireReadable('MODEL', path);
  const found = await stat(path);
  if (!found.isDirectory()) return 'file';
  await access(path, constants.R_OK | constants.X_OK).catch((cause: unknown) => {
    throw new ModelError(`MODEL names ${path}, which may not be read: allow it with chmod u+rx.`, { cause });
  });
  return 'folder';
}

async function requireReadable(setting: string, path: string): Promise<void> {
  await access(path, constants.R_OK).catch((cause: unknown) => {
    const isThere = !/ENOENT|ENOTDIR/.test(String(cause));
    const why = isThere ? 'which may not be read: allow it with chmod u+r' : 'and there is nothing there';
    throw new ModelError(`${setting} names ${path}, ${why}.`, { cause });
  });
}

async function networkOf(folder: string, modelFile: string | undefined): Promise<string> {
  const names = modelFile === undefined ? ['model.onnx', 'onnx/model.onnx'] : [modelFile];
  const found = await existing(folder, names);
  if (found === undefined) {
    throw new ModelError(
      `${folder} has no ${names.join(' or ')}: export the model to ONNX, or name the file with MODEL_FILE.`,
    );
  }
  return found;
}

async function existing(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) {
      await requireReadable('MODEL', path);
      return path;
    }
  }
  return undefined;
}

async function readConfig(path: string): Promise<Config> {
  const result = configSchema.safeParse(parseJson(path, await readFile(path, 'utf8')));
  if (result.success) return result.data;
  throw new ModelError(`${path} is not the config.json of a model: fetch it again.`);
}

/** A folder's own name, or the file's; in Hugging Face's cache that of the repository. */
function nameOf(path: string, kind: 'file' | 'folder'): string {
  const repository = /models--([^/]+?)--([^/]+)\/snapshots\/[^/]+/.exec(path);
  if (repository) return `${repository[1]}/${repository[2]}`;
  const stem = basename(path, kind === 'file' ? extname(path) : undefined);
  return kind === 'file' && stem === 'model' ? basename(dirname(path)) : stem;
}
