import { hash } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageFacts, prediction, timings } from '../../../functions/shared/job.ts';
import { type Classifier, openClassifier } from '../../../layers/model/run/classifier.ts';
import { classifierOptions } from '../../support/model/decode.ts';
import { seededModel } from '../../support/model/weights.ts';
import { drawRings, drawScene, toSharp } from '../../support/pictures/drawn.ts';

describe('a classifier', () => {
  let classifier: Classifier;
  let jpeg: Buffer;
  beforeAll(async () => {
    classifier = await openClassifier((await seededModel()).dir, classifierOptions);
    jpeg = await toSharp(drawScene(400, 300)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  });
  afterAll(() => classifier.close());

  test('says which model it is, by the digest of its weights', async () => {
    const { name, sha256 } = await seededModel();
    expect(classifier.model).toEqual({ name, sha256 });
  });

  test('describes the image: upright size, bytes, digest', async () => {
    const { image } = await classifier.classify({ bytes: jpeg });
    expect(image).toEqual({
      format: 'jpeg',
      width: 300,
      height: 400,
      bytes: jpeg.length,
      sha256: hash('sha256', jpeg),
    });
  });

  test('answers in the form that a job keeps: the best 20, best first', async () => {
    const outcome = await classifier.classify({ bytes: jpeg });
    expect(outcome.predictions).toHaveLength(20);
    const scores = outcome.predictions.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(new Set(outcome.predictions.map(({ index }) => index)).size).toBe(20);
    imageFacts.parse(outcome.image);
    prediction.array().parse(outcome.predictions);
    timings.parse(outcome.timings);
  });

  test('gives the same answer each time, also when several are asked at once', async () => {
    const images = [drawScene(300, 200), drawRings(200, 300), drawScene(90, 700)];
    const files = await Promise.all(images.map((image) => toSharp(image).png().toBuffer()));
    const predictionsOf = async (bytes: Uint8Array) => (await classifier.classify({ bytes })).predictions;
    const alone = [];
    for (const bytes of files) alone.push(await predictionsOf(bytes));
    expect(await Promise.all(files.map(predictionsOf))).toEqual(alone);
    expect(alone[0]).not.toEqual(alone[1]);
  });

  test('goes on after an image that it refuses', async () => {
    await expect(classifier.classify({ bytes: jpeg.subarray(0, 2000) })).rejects.toMatchObject({
      code: 'corrupt_image',
    });
    expect((await classifier.classify({ bytes: jpeg })).predictions).toHaveLength(20);
  });
});

describe('openClassifier', () => {
  test('throws for a folder without a model', async () => {
    await expect(openClassifier(join(tmpdir(), 'no-such-model'), classifierOptions)).rejects.toThrow(
      'ENOENT',
    );
  });

  test('throws where the network is damaged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'model-'));
    await cp((await seededModel()).dir, folder, { recursive: true });
    await writeFile(join(folder, 'network.onnx'), 'not a network');
    await expect(openClassifier(folder, classifierOptions)).rejects.toThrow();
    await rm(folder, { recursive: true });
  });
});
