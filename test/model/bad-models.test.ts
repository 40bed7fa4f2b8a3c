import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelError } from '../../layers/model/build/errors.ts';
import { buildModel } from '../../layers/model/build/index.ts';
import { FLOAT } from '../../layers/model/build/onnx.ts';
import { readModelDescription } from '../../layers/model/folder.ts';
import {
  colours,
  eightByEight,
  type FolderFiles,
  logitsOutput,
  madeUpNetwork,
  networkOf,
  pictureInput,
  writeModelFolder,
} from '../support/model/own.ts';

let folder: string;
let cacheDir: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-'));
  cacheDir = join(folder, 'cache');
});
afterAll(() => rm(folder, { recursive: true }));

/** The sentence by which a model is refused, with nothing left behind. */
async function refusal(model: string, more: object = {}): Promise<string> {
  const error: unknown = await buildModel({ model, cacheDir, ...more }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  expect((await readdir(cacheDir).catch(() => [])).filter((name) => name.startsWith('own-'))).toEqual([]);
  const message = error instanceof Error ? error.message : '';
  expect(message).toMatch(/^[^\n]+\.$/);
  return message;
}

const whole = Buffer.from(madeUpNetwork());
const boxes = { name: 'boxes', elementType: FLOAT, shape: [1, 100, 4] } as const;

describe('a model that cannot be served is refused in one sentence', () => {
  const cases: readonly [what: string, files: FolderFiles, message: RegExp][] = [
    ['a file that is not ONNX', { network: 'not a network' }, /model\.onnx is not an ONNX file/],
    ['an empty file', { network: '' }, /is not an ONNX file/],
    ['a truncated file', { network: whole.subarray(0, whole.length - 40) }, /is not an ONNX file/],
    [
      'a network that finds objects',
      { network: madeUpNetwork({ output: boxes }) },
      /gives boxes of 1 × 100 × 4, and an image classifier/,
    ],
    [
      'an input of three dimensions',
      { network: madeUpNetwork({ input: { ...pictureInput, shape: [3, 8, 8] } }) },
      /takes pixel_values of 3 × 8 × 8/,
    ],
    [
      'an input of one channel',
      { network: madeUpNetwork({ input: { ...pictureInput, shape: [1, 1, 8, 8] } }) },
      /three channels/,
    ],
    [
      'a batch of four',
      { network: madeUpNetwork({ input: { ...pictureInput, shape: [4, 3, 8, 8] } }) },
      /takes 4 pictures at once/,
    ],
    [
      'another size than its configuration',
      { network: madeUpNetwork({ input: { ...pictureInput, shape: [1, 3, 9, 8] } }) },
      /takes pictures of 8 × 9 pixels, and .* gives 8 × 8/,
    ],
    [
      'whole numbers where fractions come',
      { network: madeUpNetwork({ input: { ...pictureInput, elementType: 2 } }) },
      /takes whole numbers/,
    ],
    ['no labels', { config: {} }, /has no labels: add id2label in config.json/],
    [
      'too few labels',
      { config: { id2label: { 0: 'red' } } },
      /tells 3 classes apart, and .*config\.json has 1 labels/,
    ],
    [
      'a gap in its labels',
      { config: { id2label: { 0: 'red', 1: 'green', 3: 'blue' } } },
      /none for the class 2/,
    ],
    ['no preprocessor_config.json', { processor: undefined }, /has no preprocessor_config\.json/],
    ['an unknown operator', { network: networkOf('NoSuchOperator') }, /cannot be run: .*NoSuchOperator/],
    [
      'an unknown option',
      { processor: { ...eightByEight, do_magic: 1 } },
      /option that is not known: do_magic/,
    ],
    [
      'regression',
      { config: { id2label: colours, problem_type: 'regression' } },
      /only classifiers have labels/,
    ],
    [
      'an attribute that onnxruntime refuses',
      { network: networkOf('Transpose', { perm: [0, 1, 2, 9] }) },
      /cannot be run|ends onnxruntime's process/,
    ],
  ];
  test.each(cases)('%s', async (_, files, message) => {
    expect(await refusal(await writeModelFolder(folder, files))).toMatch(message);
  });

  test('a path where nothing is, and a file of another kind', async () => {
    expect(await refusal(join(folder, 'nowhere'))).toMatch(
      /^MODEL names .*nowhere, and there is nothing there\.$/,
    );
    const other = join(folder, 'model.pt');
    await writeFile(other, 'x');
    expect(await refusal(other)).toMatch(/is not an \.onnx file: export the model to ONNX/);
  });

  test('a folder without a network, and a MODEL_FILE that is not in it', async () => {
    expect(await refusal(await writeModelFolder(folder, { network: undefined }))).toMatch(
      /has no model\.onnx or onnx\/model\.onnx/,
    );
    const model = await writeModelFolder(folder);
    expect(await refusal(model, { modelFile: 'onnx/q.onnx' })).toMatch(/has no onnx\/q\.onnx/);
  });

  test('a dynamic size without a configuration', async () => {
    const path = join(folder, 'open.onnx');
    await writeFile(path, madeUpNetwork({ input: { ...pictureInput, shape: [1, 3, 0, 0] } }));
    await writeFile(join(folder, 'labels.txt'), 'red\ngreen\nblue\n');
    expect(await refusal(path)).toMatch(/leaves the size of its pictures open/);
  });

  test('a network whose process falls', async () => {
    const { tryNetwork } = await import('../../layers/model/build/own/trial.ts');
    const facts = {
      preprocessing: { normalize: [], channels: 'RGB' as const },
      output: { name: 'logits', values: 'logits' as const, activation: 'softmax' as const },
    };
    const input = {
      name: 'pixel_values',
      layout: 'NCHW' as const,
      type: 'float32' as const,
      height: 8,
      width: 8,
    };
    const path = join(await writeModelFolder(folder), 'model.onnx');
    const killed = tryNetwork('m.onnx', path, { ...facts, input }, { memoryMb: 4 });
    await expect(killed).rejects.toThrow(/^m\.onnx ends onnxruntime's process \(/);
  });
});

describe('a model of your own', () => {
  test('is one folder that is built once, by the digest of its files', async () => {
    const model = await writeModelFolder(folder);
    const first = await buildModel({ model, cacheDir });
    expect(await buildModel({ model, cacheDir })).toEqual(first);
    expect(first).toMatchObject({ classes: 3, output: { values: 'logits', activation: 'softmax' } });
    const { labels } = await readModelDescription(first.dir);
    expect(labels).toEqual(Object.values(colours).map((label) => ({ label })));
    await writeFile(join(model, 'config.json'), JSON.stringify({ id2label: { ...colours, 2: '蓝色' } }));
    const renamed = await buildModel({ model, cacheDir });
    expect(renamed.dir).not.toBe(first.dir);
    expect((await readModelDescription(renamed.dir)).labels.at(2)).toEqual({ label: '蓝色' });
    await rm(cacheDir, { recursive: true });
  });

  test('has its own memory measured, whatever the builder itself has', async () => {
    const kept = Buffer.alloc(500e6, 1);
    const { needs } = await buildModel({ model: await writeModelFolder(folder), cacheDir });
    expect(needs?.memoryMb).toBeGreaterThan(40);
    expect(needs?.memoryMb).toBeLessThan(kept.byteLength / 2e6);
    await rm(cacheDir, { recursive: true });
  });

  test('may be reached by symbolic links, and has its labels before MODEL_LABELS', async () => {
    const model = await writeModelFolder(folder);
    const link = join(folder, 'link');
    await cp(join(model, 'model.onnx'), join(folder, 'blob'));
    await rm(join(model, 'model.onnx'));
    await symlink(join(folder, 'blob'), join(model, 'model.onnx'));
    await symlink(model, link);
    const built = await buildModel({ model: link, labels: '/no/such/labels', cacheDir });
    expect(built).toMatchObject({ name: 'link', classes: 3 });
    await rm(cacheDir, { recursive: true });
  });

  test.each([
    ['label2id alone', { label2id: { green: 1, blue: 2, red: 0 } }],
    ['a list', { id2label: ['red', 'green', 'blue'] }],
    ["timm's label_names", { label_names: ['red', 'green', 'blue'] }],
    ['names that say nothing', { id2label: { 0: 'LABEL_0', 1: 'LABEL_1', 2: 'LABEL_2' } }],
  ])('may have its labels as %s', async (_, config) => {
    const built = await buildModel({ model: await writeModelFolder(folder, { config }), cacheDir });
    const { labels } = await readModelDescription(built.dir);
    const names = 'id2label' in config && !Array.isArray(config.id2label) ? config.id2label : colours;
    expect(labels.map(({ label }) => label)).toEqual(Object.values(names ?? {}));
    await rm(cacheDir, { recursive: true });
  });

  test('of timm needs no preprocessor_config.json: its config.json says how pictures are prepared', async () => {
    const pretrained_cfg = { input_size: [3, 8, 8], crop_pct: 0.5, interpolation: 'bilinear', tag: 'a1' };
    const config = { label_names: Object.values(colours), pretrained_cfg };
    const model = await writeModelFolder(folder, { config, processor: undefined });
    expect(await buildModel({ model, cacheDir })).toMatchObject({
      preprocessing: {
        resize: { shortestEdge: 16, filter: 'bilinear' },
        crop: { height: 8, width: 8, rounding: 'even' },
      },
    });
    await rm(cacheDir, { recursive: true });
  });

  test.each([
    [{ id2label: colours, problem_type: 'multi_label_classification' }, 'sigmoid'],
    [{ id2label: colours }, 'softmax'],
  ])('is read by its problem_type: %o', async (config, activation) => {
    const built = await buildModel({ model: await writeModelFolder(folder, { config }), cacheDir });
    expect(built.output).toEqual({ name: 'logits', values: 'logits', activation });
    await rm(cacheDir, { recursive: true });
  });

  test.each(['Softmax', 'Sigmoid'])('that ends with %s gives probabilities', async (operator) => {
    const network = madeUpNetwork({
      output: logitsOutput,
      nodes: (graph) => {
        graph.node('GlobalAveragePool', 'pooled', ['pixel_values']);
        graph.node(operator, 'scores', ['pooled'], operator === 'Softmax' ? { axis: 1 } : {});
        graph.node('Flatten', 'logits', ['scores']);
      },
    });
    const built = await buildModel({ model: await writeModelFolder(folder, { network }), cacheDir });
    expect(built.output).toMatchObject({ values: 'probabilities', activation: operator.toLowerCase() });
    await rm(cacheDir, { recursive: true });
  });

  test('may be a file with a text of labels beside it', async () => {
    const path = join(folder, 'own.onnx');
    await writeFile(path, madeUpNetwork());
    await writeFile(join(folder, 'labels.txt'), '\uFEFFred\r\ngreen\r\nblue\r\n');
    const built = await buildModel({ model: path, cacheDir });
    expect(built).toMatchObject({
      name: 'own',
      preprocessing: { resize: { height: 8, width: 8, filter: 'bilinear' }, normalize: [] },
    });
    expect(JSON.parse(await readFile(join(built.dir, 'labels.json'), 'utf8'))).toHaveLength(3);
    await rm(cacheDir, { recursive: true });
  });
});
