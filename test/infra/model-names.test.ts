import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelNames } from '../../infra/model-names.ts';

describe('The names of the models in a layer', () => {
  let layer: string;
  beforeEach(async () => {
    layer = await mkdtemp(join(tmpdir(), 'layer-'));
    await mkdir(join(layer, 'model'));
  });
  afterEach(() => rm(layer, { recursive: true }));

  test('are those of its list, the default first', async () => {
    const list = ['kinds', 'imagenet'].map((name) => ({ name, folder: `models/${name}` }));
    await writeFile(join(layer, 'model/models.json'), JSON.stringify(list));
    expect(modelNames(layer)).toEqual(['kinds', 'imagenet']);
  });

  test('are what requests call a single model by', async () => {
    await writeFile(join(layer, 'model/model.json'), JSON.stringify({ name: 'google/vit-base' }));
    expect(modelNames(layer)).toEqual(['vit-base']);
  });

  test('are none where nothing is built', () => {
    expect(modelNames(join(layer, 'nothing'))).toEqual([]);
  });
});
