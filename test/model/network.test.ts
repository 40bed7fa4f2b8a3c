import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { BuiltModel } from '../../layers/model/build/index.ts';
import { type Network, openNetwork } from '../../layers/model/run/network.ts';
import { geometryOf } from '../../layers/model/run/preprocess.ts';
import { loadResize } from '../../layers/model/run/resize.ts';
import { seededModel } from '../support/model/weights.ts';
import { drawnPictures } from '../support/pictures/drawn.ts';
import {
  type CommittedReference,
  readCommittedReference,
  readKerasProbabilities,
  referenceModel,
  references,
  requireReferences,
} from '../support/pictures/reference.ts';

const TOLERANCE = 1e-5;

const open = (model: BuiltModel): Promise<Network> => openNetwork(join(model.dir, 'network.onnx'), model);

function largestDifference(actual: Float32Array, expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN))));
}

describe('the network against Keras, on pictures that the tests draw', () => {
  async function expectDrawnPicturesToAgree(model: BuiltModel, keras: CommittedReference): Promise<void> {
    const network = await open(model);
    const resize = await loadResize(join(model.dir, 'resize.wasm'), geometryOf(model.preprocessing).frameOf);
    for (const [name, picture] of Object.entries(drawnPictures)) {
      const actual = await network.run(resize(picture));
      const difference = largestDifference(actual, keras.pictures[name]?.probabilities ?? []);
      expect(difference, name).toBeLessThanOrEqual(TOLERANCE);
    }
    await network.close();
  }

  test('gives all probabilities within 1e-5, with seeded weights', async () => {
    const model = await seededModel();
    const keras = await readCommittedReference(model.sha256);
    if (!keras) throw new Error('The seeded weights have changed: run test/keras/reference.py.');
    await expectDrawnPicturesToAgree(model, keras);
  });

  test.skipIf(!references)('gives all probabilities within 1e-5, with real weights', async ({ skip }) => {
    const model = await referenceModel();
    const keras = await readCommittedReference(model.sha256);
    if (!keras) return skip('no reference is committed for these weights');
    await expectDrawnPicturesToAgree(model, keras);
  });
});

describe.skipIf(!references)('the network against Keras, on photos that Pillow has resized', () => {
  test('gives every one of the 1,000 probabilities within 1e-5', async () => {
    const network = await open(await referenceModel());
    const expected = Object.entries(await readKerasProbabilities());
    expect(expected.length).toBeGreaterThan(0);
    for (const [name, probabilities] of expected) {
      const png = await readFile(join(requireReferences().answers, 'pixels', name));
      const samples = new Uint8Array(await sharp(png).removeAlpha().raw().toBuffer());
      expect(largestDifference(await network.run(samples), probabilities), name).toBeLessThanOrEqual(
        TOLERANCE,
      );
    }
    await network.close();
  });
});

describe('the network', () => {
  test('gives the same probabilities with one thread and with two, whichever each run asks for', async () => {
    const model = await seededModel();
    const order = [1, 2, 1, 2] as const;
    let runs = 0;
    const threads = () => order[runs] ?? 1;
    const network = await openNetwork(join(model.dir, 'network.onnx'), model, { threads });
    const samples = new Uint8Array(model.input.width ** 2 * 3).map((_, i) => (i * 7) % 251);
    const results: Float32Array[] = [];
    for (; runs < order.length; runs++) results.push(await network.run(samples));
    await network.close();
    for (const result of results) {
      expect(largestDifference(result, [...(results[0] ?? [])])).toBeLessThan(1e-6);
    }
  });
});
