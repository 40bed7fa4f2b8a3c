import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageLimits } from '../../functions/shared/limits.ts';
import { loadJpegDecoder } from '../../layers/model/jpeg/decoder.ts';
import { type Classifier, openClassifier } from '../../layers/model/run/classifier.ts';
import { loadInputReader } from '../../layers/model/run/input.ts';
import { type Network, openNetwork } from '../../layers/model/run/network.ts';
import { loadResize, type Resize } from '../../layers/model/run/resize.ts';
import { classifierOptions, decodeImage, toInput } from '../support/model/decode.ts';
import {
  readKerasTop,
  referenceModel,
  references,
  requireReferences,
} from '../support/pictures/reference.ts';
import { collectRows } from '../support/pictures/rows.ts';

describe.skipIf(!references)('photos, end to end against Keras', () => {
  let classifier: Classifier;
  beforeAll(async () => {
    classifier = await openClassifier((await referenceModel()).dir, classifierOptions);
  });
  afterAll(() => classifier.close());

  /** The service's best class, and how far its score for Keras' best class is from Keras' own. */
  async function compare(path: string, keras: { index: number; score: number } | undefined) {
    const { predictions } = await classifier.classify({ bytes: await readFile(path), path });
    const score = predictions.find(({ index }) => index === keras?.index)?.score ?? 0;
    return {
      agrees: predictions[0]?.index === keras?.index,
      difference: Math.abs(score - (keras?.score ?? Number.NaN)),
    };
  }

  test('agrees on the best class of all 100 photos, the median score within 1e-5 and the largest within 1e-4', async () => {
    const expected = Object.entries(await readKerasTop('keras_top5.json'));
    expect(expected).toHaveLength(100);
    const differences: number[] = [];
    for (const [name, [keras]] of expected) {
      const { agrees, difference } = await compare(join(requireReferences().images, name), keras);
      expect(agrees, name).toBe(true);
      differences.push(difference);
    }
    differences.sort((a, b) => a - b);
    expect(differences[50]).toBeLessThanOrEqual(1e-5);
    expect(differences.at(-1)).toBeLessThanOrEqual(1e-4);
  });

  test('agrees on one photo in 24 forms, turned upright, 16-bit grey by its high byte', async () => {
    const kerasTop = await readKerasTop('variants_top3.json');
    // Of two answers for one file, the one that says how it was read is ours.
    const isOurs = (name: string) =>
      name.includes('(') || !Object.keys(kerasTop).some((other) => other.startsWith(`${name} (`));
    const expected = Object.entries(kerasTop).filter(([name]) => isOurs(name));
    expect(expected).toHaveLength(24);
    for (const [name, [keras]] of expected) {
      const file = name.replace(/ \(.*/, '');
      const { agrees, difference } = await compare(
        join(requireReferences().answers, 'variants', file),
        keras,
      );
      expect(agrees, name).toBe(true);
      expect(difference, name).toBeLessThanOrEqual(0.01);
    }
  });
});

describe.skipIf(!references)('the JPEG kernel on photos', () => {
  test("decodes all 100, to libvips' samples", async () => {
    const decodeJpeg = await loadJpegDecoder(join((await referenceModel()).dir, 'jpeg.wasm'), imageLimits);
    for (const name of Object.keys(await readKerasTop('keras_top5.json'))) {
      const bytes = await readFile(join(requireReferences().images, name));
      const { pixels } = await decodeImage({ bytes });
      expect(Buffer.compare(collectRows(decodeJpeg, bytes)?.data ?? Buffer.alloc(0), pixels.data), name).toBe(
        0,
      );
    }
  });
});

describe.skipIf(!references)('large JPEGs', { timeout: 120_000 }, () => {
  test.each([
    ['baseline', { progressive: false, chromaSubsampling: '4:2:0' }],
    ['baseline', { progressive: false, chromaSubsampling: '4:4:4' }],
    ['progressive', { progressive: true, chromaSubsampling: '4:2:0' }],
  ])('become the same input as by a full decode: %s', async (_, options) => {
    const { dir } = await referenceModel();
    const read = await loadInputReader(dir, [toInput], { limits: imageLimits, timeoutSeconds: 20 });
    const resize = await loadResize(join(dir, 'resize.wasm'), toInput);
    const { images } = requireReferences();
    const names = Object.keys(await readKerasTop('keras_top5.json')).filter((_, i) => i % 30 === 0);
    for (const [index, name] of names.entries()) {
      const photo = sharp(join(images, name)).resize(4000, 3000, { fit: 'fill', kernel: 'cubic' });
      const bytes = await photo
        .withMetadata({ orientation: index % 2 === 0 ? 6 : 1 })
        .jpeg({ quality: 92, ...options })
        .toBuffer();
      const [samples = new Uint8Array()] = (await read({ bytes })).windows;
      expect(Buffer.compare(samples, resize((await decodeImage({ bytes })).pixels)), name).toBe(0);
    }
  });
});

describe.skipIf(!references)('12-megapixel JPEGs, when they are shrunk', { timeout: 120_000 }, () => {
  /** How a shrunk decode differs from the full one, in the network's input and in its answer. */
  interface Agreement {
    readonly score: number;
    readonly largestSample: number;
    readonly meanSample: number;
  }

  async function compareDecodes(bytes: Uint8Array, network: Network, resize: Resize): Promise<Agreement> {
    const shrunk = await decodeImage({ bytes }, { shrink: true });
    expect(shrunk).toMatchObject({ width: 4000, height: 3000, pixels: { width: 1000, height: 750 } });
    const full = await decodeImage({ bytes });
    expect(full.pixels).toMatchObject({ width: 4000, height: 3000 });
    const [input, expectedInput] = [resize(shrunk.pixels), resize(full.pixels)];
    const [scores, expectedScores] = [await network.run(input), await network.run(expectedInput)];
    const best = expectedScores.indexOf(Math.max(...expectedScores));
    const samples = input.reduce(
      ({ largest, sum }, sample, i) => {
        const difference = Math.abs(sample - (expectedInput[i] ?? Number.NaN));
        return { largest: Math.max(largest, difference), sum: sum + difference };
      },
      { largest: 0, sum: 0 },
    );
    return {
      score: Math.abs((scores[best] ?? 0) - (expectedScores[best] ?? 1)),
      largestSample: samples.largest,
      meanSample: samples.sum / input.length,
    };
  }

  // What remains is rounding: as much of it put at random into the network's input moves a score as far (median 3e-3, largest 5e-2).
  test('score nearly as when decoded in full: the median within 0.01, the largest within 0.06', async () => {
    const model = await referenceModel();
    const { dir } = model;
    const network = await openNetwork(join(dir, 'network.onnx'), model);
    const resize = await loadResize(join(dir, 'resize.wasm'), toInput);
    const { images } = requireReferences();
    const names = Object.keys(await readKerasTop('keras_top5.json')).filter((_, i) => i % 8 === 0);
    const agreements: Agreement[] = [];
    for (const name of names) {
      const photo = sharp(join(images, name)).resize(4000, 3000, { fit: 'fill', kernel: 'cubic' });
      agreements.push(await compareDecodes(await photo.jpeg({ quality: 92 }).toBuffer(), network, resize));
    }
    await network.close();
    const scores = agreements.map(({ score }) => score).sort((a, b) => a - b);
    expect(scores[scores.length >> 1]).toBeLessThanOrEqual(0.01);
    expect(scores.at(-1)).toBeLessThanOrEqual(0.06);
    expect(Math.max(...agreements.map(({ largestSample }) => largestSample))).toBeLessThanOrEqual(2);
    expect(Math.max(...agreements.map(({ meanSample }) => meanSample))).toBeLessThanOrEqual(0.3);
  });
});
