import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildModel } from '../../layers/model/build/index.ts';
import { FLOAT, type TensorInfo } from '../../layers/model/build/onnx.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { classifierOptions } from '../support/model/decode.ts';
import { eightByEight, madeUpNetwork, writeModelFolder } from '../support/model/own.ts';
import { drawScene, toSharp } from '../support/pictures/drawn.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'types-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** ONNX's number for halves. */
const HALF = 10;

/** A network that takes the mean of each colour, from an input of any type and layout. */
function meansOf(elementType: number, layout: 'NHWC' | 'NCHW'): Uint8Array {
  const shape = layout === 'NCHW' ? [1, 3, 8, 8] : [1, 8, 8, 3];
  const input: TensorInfo = { name: 'x', elementType, shape };
  return madeUpNetwork({
    input,
    nodes: (graph) => {
      graph.node('Cast', 'floats', ['x'], { to: FLOAT });
      const perm = layout === 'NCHW' ? [0, 1, 2, 3] : [0, 3, 1, 2];
      graph.node('Transpose', 'planes', ['floats'], { perm });
      graph.node('GlobalAveragePool', 'pooled', ['planes']);
      graph.node('Flatten', 'logits', ['pooled']);
    },
  });
}

async function scoresOf(elementType: number, layout: 'NHWC' | 'NCHW', processor: object): Promise<number[]> {
  const model = await writeModelFolder(folder, { network: meansOf(elementType, layout), processor });
  const { dir } = await buildModel({ model, cacheDir: join(folder, 'cache') });
  const classifier = await openClassifier(dir, classifierOptions);
  const bytes = await toSharp(drawScene(40, 30)).png().toBuffer();
  const { predictions } = await classifier.classify({ bytes });
  await classifier.close();
  return predictions.toSorted((a, b) => a.index - b.index).map(({ score }) => score);
}

test('a network may take float32 or float16, with channels first or last', async () => {
  const expected = await scoresOf(FLOAT, 'NCHW', eightByEight);
  expect(await scoresOf(FLOAT, 'NHWC', eightByEight)).toEqual(expected);
  for (const layout of ['NCHW', 'NHWC'] as const) {
    const scores = await scoresOf(HALF, layout, eightByEight);
    for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(expected[i] ?? Number.NaN, 3);
  }
});

test('a network that takes whole numbers is given the samples themselves', async () => {
  const whole = { ...eightByEight, do_rescale: false, do_normalize: false };
  const expected = await scoresOf(FLOAT, 'NCHW', whole);
  expect(await scoresOf(2, 'NCHW', whole)).toEqual(expected);
  expect(await scoresOf(2, 'NHWC', whole)).toEqual(expected);
});
