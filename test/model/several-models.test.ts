import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildModels, copyModels, type ModelsOptions } from '../../layers/model/build/several.ts';
import { findModels } from '../../layers/model/folder.ts';
import { type Classifier, openClassifier } from '../../layers/model/run/classifier.ts';
import { decode } from '../../layers/model/run/decode.ts';
import { classifierOptions } from '../support/model/decode.ts';
import {
  madeUpNetwork,
  networkOf,
  ownModels,
  temporaryModels,
  writeModelFolder,
} from '../support/model/own.ts';
import { seededInputs } from '../support/model/weights.ts';
import { drawJpeg, drawPicture } from '../support/pictures/images.ts';
import { requireReferences } from '../support/pictures/reference.ts';

// The real decoders, counted.
vi.mock('../../layers/model/run/decode.ts', async (original) => {
  const real = await original<typeof import('../../layers/model/run/decode.ts')>();
  return { ...real, decode: vi.fn(real.decode) };
});
const decodedRows = vi.hoisted(() => ({ count: 0 }));
vi.mock('../../layers/model/jpeg/decoder.ts', async (original) => {
  const real = await original<typeof import('../../layers/model/jpeg/decoder.ts')>();
  return {
    ...real,
    loadJpegDecoder: async (...given: Parameters<typeof real.loadJpegDecoder>) => {
      const decoder = await real.loadJpegDecoder(...given);
      return (...picture: Parameters<typeof decoder>) => {
        decodedRows.count++;
        return decoder(...picture);
      };
    },
  };
});

let temporary: string;
let options: Omit<ModelsOptions, 'models'>;
beforeAll(async () => {
  temporary = await temporaryModels();
  const { weights, labels } = await seededInputs();
  const cacheDir = join(temporary, 'cache');
  options = { cacheDir, weights, labels: [{ value: labels }], files: [], outputs: [] };
});
afterAll(() => rm(temporary, { recursive: true }));

describe('Several models', () => {
  let classifier: Classifier;
  let dir: string;
  beforeAll(async () => {
    const [tints, darker] = [
      await writeModelFolder(temporary),
      await writeModelFolder(temporary, { network: networkOf('Abs') }),
    ];
    const models = [
      { name: 'tints', value: tints },
      { name: 'imagenet', value: '' },
      { name: 'darker', value: darker },
    ];
    ({ dir } = await buildModels({ ...options, models }));
    classifier = await openClassifier(dir, classifierOptions);
  });
  afterAll(() => classifier.close());

  test('give together the scores that each gives alone, in the order in which they are asked', async () => {
    for (const bytes of [await drawJpeg(300, 200, 3), await drawPicture(90, 210, 1).png().toBuffer()]) {
      const {
        results = {},
        image,
        model,
      } = await classifier.classify({ bytes }, ['imagenet', 'tints', 'darker']);
      expect(Object.keys(results)).toEqual(['imagenet', 'tints', 'darker']);
      expect(model).toEqual(results.imagenet?.model);
      for (const [name, result] of Object.entries(results)) {
        const alone = await classifier.classify({ bytes }, [name]);
        expect(alone.results).toBeUndefined();
        expect({ model: alone.model, predictions: alone.predictions }).toEqual(result);
        expect(alone.image).toEqual(image);
      }
    }
  });

  test('decode an image once, however many are asked', async () => {
    const [jpeg, png] = [await drawJpeg(), await drawPicture(60, 40).png().toBuffer()];
    for (const models of [['tints'], ['tints', 'imagenet', 'darker']]) {
      vi.mocked(decode).mockClear();
      decodedRows.count = 0;
      await classifier.classify({ bytes: jpeg }, models);
      expect({ rows: decodedRows.count, pixels: vi.mocked(decode).mock.calls.length }).toEqual({
        rows: 1,
        pixels: 0,
      });
      await classifier.classify({ bytes: png }, models);
      expect(vi.mocked(decode)).toHaveBeenCalledTimes(1);
    }
  });

  test('answer by the first of them where none is named', async () => {
    const bytes = await drawJpeg();
    const { predictions, model } = await classifier.classify({ bytes });
    expect(model).toEqual(classifier.model);
    expect(predictions.map(({ label }) => label).sort()).toEqual(['blue', 'green', 'red']);
  });

  test('refuse the name of a model that is not there', async () => {
    await expect(classifier.classify({ bytes: await drawJpeg() }, ['gone'])).rejects.toMatchObject({
      code: 'model_missing',
    });
  });

  test('are the same when their folder is copied for a layer, with everything below it', async () => {
    const out = join(temporary, 'layer');
    await copyModels(dir, out);
    expect((await readdir(out)).sort()).toEqual(['models', 'models.json']);
    const copied = await openClassifier(out, classifierOptions);
    const bytes = await drawJpeg();
    const asked = ['darker', 'imagenet'];
    const { results } = await copied.classify({ bytes }, asked);
    await copied.close();
    expect(results).toEqual((await classifier.classify({ bytes }, asked)).results);
  });
});

describe('Building models', () => {
  test('without any name gives the folder of a single model, as ever', async () => {
    const { dir, model, models } = await buildModels({ ...options, models: [] });
    expect(dir).toBe(model.dir);
    expect(models).toHaveLength(1);
    expect(await findModels(dir)).toEqual([{ name: 'mobilenet_v2_1.0_224', dir }]);
    await mkdir(join(temporary, 'single'));
    await copyModels(dir, join(temporary, 'single'));
    expect((await readdir(join(temporary, 'single'))).sort()).toEqual((await readdir(dir)).sort());
  });

  test('finds the same folder again', async () => {
    const models = [{ name: 'tints', value: await writeModelFolder(temporary) }];
    expect(await buildModels({ ...options, models })).toEqual(await buildModels({ ...options, models }));
  });

  test('names a model after its folder where nothing is said', async () => {
    const folder = await writeModelFolder(temporary);
    const { models } = await buildModels({
      ...options,
      models: [{ value: folder }, { name: 'imagenet', value: '' }],
    });
    expect(models.map(({ calledBy }) => calledBy)).toEqual([basename(folder), 'imagenet']);
  });

  test('refuses two of one name, in a sentence', async () => {
    const models = [
      { name: 'a', value: await writeModelFolder(temporary) },
      { name: 'a', value: '' },
    ];
    await expect(buildModels({ ...options, models })).rejects.toThrow(
      'MODEL has two models called a: give them different names, such as MODEL=first=path,second=path.',
    );
  });

  test('refuses a setting for a model that is not there', async () => {
    const given = {
      ...options,
      models: [{ name: 'a', value: '' }],
      outputs: [{ name: 'b', value: 'sigmoid' as const }],
    };
    await expect(buildModels(given)).rejects.toThrow(
      'MODEL_OUTPUT has a value for b, and MODEL no model of that name: there are a.',
    );
  });

  test('gives each model what is said of it', async () => {
    const network = madeUpNetwork();
    const [one, two] = [
      await writeModelFolder(temporary, { network }),
      await writeModelFolder(temporary, { network }),
    ];
    const { models } = await buildModels({
      ...options,
      models: [
        { name: 'one', value: one },
        { name: 'two', value: two },
      ],
      outputs: [{ value: 'softmax' }, { name: 'two', value: 'sigmoid' }],
    });
    expect(models.map(({ output }) => output.activation)).toEqual(['softmax', 'sigmoid']);
  });
});

describe.skipIf(!ownModels)('A network that Keras exported, and the default one', () => {
  test('give for photos together, to the bit, what each gives alone', async () => {
    const { images } = requireReferences();
    const kinds = join(ownModels ?? '', 'kinds/kinds.onnx');
    const alone = await Promise.all(
      [[{ value: kinds }], []].map(async (models) =>
        openClassifier((await buildModels({ ...options, models })).dir, classifierOptions),
      ),
    );
    const models = [
      { name: 'kinds', value: kinds },
      { name: 'imagenet', value: '' },
    ];
    const both = await openClassifier((await buildModels({ ...options, models })).dir, classifierOptions);
    const photos = (await readdir(images)).filter((name) => name.endsWith('.JPEG')).slice(0, 25);
    expect(photos.length).toBeGreaterThan(10);
    for (const photo of photos) {
      const bytes = await readFile(join(images, photo));
      const { results } = await both.classify({ bytes }, ['kinds', 'imagenet']);
      const each = await Promise.all(alone.map((classifier) => classifier.classify({ bytes })));
      const [first, second] = each.map(({ model, predictions }) => ({ model, predictions }));
      expect(results, photo).toEqual({ kinds: first, imagenet: second });
    }
    await Promise.all([...alone, both].map((classifier) => classifier.close()));
  });
});
