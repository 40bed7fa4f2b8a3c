import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelSchema } from '../layers/model/description.ts';
import { callName, listFile, listSchema, modelFiles } from '../layers/model/folder.ts';

/** What requests call the models by that were built into the layer, the default first; none where nothing is built. */
export function modelNames(layerDir: string): string[] {
  const [list, single] = [listFile, modelFiles.description].map((file) => readIfThere(layerDir, file));
  if (list !== undefined) return listSchema.parse(list).map(({ name }) => name);
  return single === undefined ? [] : [callName(modelSchema.pick({ name: true }).parse(single).name)];
}

function readIfThere(layerDir: string, file: string): unknown {
  const path = join(layerDir, 'model', file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
