import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { buildModel } from '../../layers/model/build/index.ts';
import { openNetwork } from '../../layers/model/run/network.ts';
import { geometryOf } from '../../layers/model/run/preprocess.ts';
import { loadResize } from '../../layers/model/run/resize.ts';
import { readJson } from '../support/model/own.ts';
import { variants, weightsName } from '../support/model/variants.ts';
import { seededInputs, writeSeededWeights } from '../support/model/weights.ts';
import { drawnPictures } from '../support/pictures/drawn.ts';

const answers = z.record(z.string(), z.record(z.string(), z.array(z.tuple([z.int(), z.number()]))));
const reference = z
  .object({ answers })
  .parse(await readJson(join(import.meta.dirname, 'reference/variants.json'))).answers;

let folder: string;
let labels: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'variants-'));
  ({ labels } = await seededInputs());
});
afterAll(() => rm(folder, { recursive: true }));

test.each(variants)(
  "MobileNetV2 of alpha $alpha at $side pixels gives Keras' scores within 1e-5",
  async (variant) => {
    const weights = join(folder, weightsName(variant));
    await writeSeededWeights(weights, { alpha: variant.alpha });
    const model = await buildModel({ weights, labels, cacheDir: folder });
    expect(model).toMatchObject({
      name: `mobilenet_v2_${variant.alpha === 1 ? '1.0' : variant.alpha}_${variant.side}`,
      input: { height: variant.side, width: variant.side },
    });
    const network = await openNetwork(join(model.dir, 'network.onnx'), model);
    const resize = await loadResize(join(model.dir, 'resize.wasm'), geometryOf(model.preprocessing).frameOf);
    for (const [name, picture] of Object.entries(drawnPictures)) {
      const expected = reference[weightsName(variant)]?.[name] ?? [];
      const scores = await network.run(resize(picture));
      expect([scores.length, expected.length], name).toEqual([1000, 50]);
      const differences = expected.map(([index, score]) => Math.abs(score - (scores[index] ?? Number.NaN)));
      expect(Math.max(...differences), name).toBeLessThanOrEqual(1e-5);
    }
    await network.close();
  },
);
