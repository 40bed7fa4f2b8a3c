import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { buildModel } from '../../layers/model/build/index.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { classifierOptions } from '../support/model/decode.ts';
import { copyModelFolder, ownModels, readJson, temporaryModels } from '../support/model/own.ts';
import { requireReferences } from '../support/pictures/reference.ts';

const ranking = z.array(z.tuple([z.string(), z.number()])).min(1);
const variantSchema = z.object({
  name: z.string(),
  preprocessor_config: z.object({}).loose(),
  photos: z.record(z.string(), z.object({ softmax: ranking, sigmoid: ranking })),
});
const kindsSchema = z.object({
  labels: z.array(z.string()),
  photos: z.record(z.string(), z.array(z.number())),
});

const folder = ownModels ?? '';
let temporary: string;
beforeAll(async () => {
  temporary = await temporaryModels();
});
afterAll(() => rm(temporary, { recursive: true }));

/** The best class that Python gives for a photo, and its score. */
type Best = readonly [label: string, score: number];

async function expectAgreement(modelDir: string, expected: Readonly<Record<string, Best>>): Promise<void> {
  const classifier = await openClassifier(modelDir, classifierOptions);
  const differences: number[] = [];
  for (const [photo, [label, score]] of Object.entries(expected)) {
    const bytes = await readFile(join(requireReferences().images, photo));
    const [best] = (await classifier.classify({ bytes })).predictions;
    expect(best?.label, photo).toBe(label);
    differences.push(Math.abs((best?.score ?? Number.NaN) - score));
  }
  await classifier.close();
  const ordered = differences.toSorted((a, b) => a - b);
  expect(ordered[Math.floor(ordered.length / 2)]).toBeLessThanOrEqual(1e-5);
  expect(ordered.at(-1)).toBeLessThanOrEqual(1e-3);
}

const variants =
  ownModels === undefined
    ? []
    : z.object({ variants: z.array(variantSchema) }).parse(await readJson(join(folder, 'answers.json')))
        .variants;

describe.skipIf(!ownModels)('a model of a Hugging Face folder', () => {
  describe.each(variants)('preprocessed as $name', ({ preprocessor_config, photos }) => {
    test.each([
      ['softmax', 'single_label_classification'],
      ['sigmoid', 'multi_label_classification'],
    ] as const)("gives transformers' scores by %s", async (kind, problem_type) => {
      const config = z
        .object({})
        .loose()
        .parse(await readJson(join(folder, 'imagenet/config.json')));
      const files = {
        'config.json': { ...config, problem_type },
        'preprocessor_config.json': preprocessor_config,
      };
      const model = await buildModel({
        model: await copyModelFolder(join(folder, 'imagenet'), temporary, files),
        cacheDir: temporary,
      });
      const best = Object.entries(photos).map(
        ([photo, answer]) => [photo, answer[kind][0] ?? ['', 0]] as const,
      );
      await expectAgreement(model.dir, Object.fromEntries(best));
    });
  });
});

describe.skipIf(!ownModels)('a network that Keras exported', () => {
  test("gives Keras' scores for every photo, with labels and preprocessing of its own", async () => {
    const model = await buildModel({ model: join(folder, 'kinds/kinds.onnx'), cacheDir: temporary });
    const { labels, photos } = kindsSchema.parse(await readJson(join(folder, 'kinds/answers.json')));
    expect(Object.keys(photos)).toHaveLength(100);
    const best = Object.entries(photos).map(([photo, scores]) => {
      const score = Math.max(...scores);
      return [photo, [labels[scores.indexOf(score)] ?? '', score]] as const;
    });
    await expectAgreement(model.dir, Object.fromEntries(best));
  });
});
