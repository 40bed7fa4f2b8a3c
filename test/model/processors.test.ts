import { hash } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { BuiltModel } from '../../layers/model/build/index.ts';
import { readProcessor } from '../../layers/model/build/own/processor.ts';
import type { Preprocessing } from '../../layers/model/description.ts';
import type { Pixels } from '../../layers/model/run/bmp.ts';
import { geometryOf } from '../../layers/model/run/preprocess.ts';
import { loadResize } from '../../layers/model/run/resize.ts';
import { loadRowResize } from '../../layers/model/run/resize-rows.ts';
import { orientations } from '../../layers/model/run/rows.ts';
import { tensorWriter } from '../../layers/model/run/tensor.ts';
import { readJson } from '../support/model/own.ts';
import { seededModel } from '../support/model/weights.ts';
import { drawnPictures, drawRings } from '../support/pictures/drawn.ts';
import { turn, writeRows } from '../support/pictures/rows.ts';

/** Made by test/transformers/reference.py, and by timm_reference.py beside it. */
const referenceSchema = z.object({
  answers: z.array(
    z.object({
      configuration: z.object({}).loose(),
      tensors: z.record(z.string(), z.object({ shape: z.array(z.number()), sha256: z.string() })),
    }),
  ),
});
const readAnswers = async (file: string) =>
  referenceSchema.parse(await readJson(join(import.meta.dirname, 'reference', file))).answers;
const answers = [...(await readAnswers('processors.json')), ...(await readAnswers('timm.json'))];

const tiny = { data: Uint8Array.from({ length: 30 }, (_, i) => i * 8), width: 2, height: 5 };
const pictures: Readonly<Record<string, Pixels>> = { ...drawnPictures, 'tiny-2x5': tiny };

let model: BuiltModel;
let kernel: string;
beforeAll(async () => {
  model = await seededModel();
  kernel = join(model.dir, 'resize.wasm');
});

async function tensorOf(
  preprocessing: Preprocessing,
  size: { width: number; height: number },
  isWhole: boolean,
  picture: Pixels,
) {
  const { frameOf, placeOf } = geometryOf(preprocessing);
  const resize = await loadResize(kernel, frameOf);
  const input = { name: 'x', layout: 'NCHW', type: isWhole ? 'uint8' : 'float32', ...size } as const;
  return tensorWriter(input, preprocessing)(resize(picture), frameOf(picture).window, placeOf(picture));
}

describe('preprocessing against transformers and timm', () => {
  test.each(answers.map((answer) => [JSON.stringify(answer.configuration), answer] as const))(
    'gives the same tensors to the bit: %s',
    async (_, { configuration, tensors }) => {
      const { preprocessing, size, isWhole } = readProcessor('the file', configuration, undefined);
      for (const [name, { shape, sha256 }] of Object.entries(tensors)) {
        const picture = pictures[name] ?? tiny;
        expect([1, 3, size.height, size.width], name).toEqual(shape);
        const tensor = await tensorOf(preprocessing, size, isWhole, picture);
        expect(
          hash('sha256', new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength)),
          name,
        ).toBe(sha256);
      }
    },
  );

  test('is the same from the rows of a stored picture as from the upright whole, for every kind of frame', async () => {
    for (const { configuration } of answers) {
      const { frameOf } = geometryOf(readProcessor('the file', configuration, undefined).preprocessing);
      const [resize, rows] = [await loadResize(kernel, frameOf), await loadRowResize(kernel, frameOf)];
      for (const orientation of orientations) {
        const stored = drawRings(83, 121);
        writeRows(rows, stored, orientation, 16);
        const name = `${JSON.stringify(configuration)}, orientation ${orientation}`;
        expect(Buffer.compare(rows.finish(), resize(turn(stored, orientation))), name).toBe(0);
      }
    }
  });
});

describe('a preprocessor_config.json', () => {
  const vit = { image_processor_type: 'ViTImageProcessor' };
  const read = (options: object, modelType?: string) => readProcessor('p.json', { ...options }, modelType);

  test('may name its processor by its older name, or leave it to the model type', () => {
    const plain = read(vit).preprocessing;
    expect(read({ feature_extractor_type: 'ViTFeatureExtractor' }).preprocessing).toEqual(plain);
    expect(read({ image_processor_type: 'ViTFeatureExtractor' }).preprocessing).toEqual(plain);
    expect(read({}, 'vit').preprocessing).toEqual(plain);
    expect(() => read({})).toThrow('p.json names no image_processor_type');
  });

  test.each([
    [
      'an option that is not known',
      { ...vit, do_magic: true },
      'p.json has an option that is not known: do_magic.',
    ],
    [
      'a processor that is not known',
      { image_processor_type: 'DetrImageProcessor' },
      'names the image processor DetrImageProcessor',
    ],
    [
      'an option of another processor',
      { ...vit, do_center_crop: true },
      'sets do_center_crop, which ViTImageProcessor does not have',
    ],
    [
      'a filter that Pillow lacks',
      { ...vit, resample: 7 },
      'p.json has resample: 7, and ViTImageProcessor takes a number from 0 to 5.',
    ],
    [
      'a shorter edge where both sides are needed',
      { ...vit, size: { shortest_edge: 8 } },
      'p.json has size: {"shortest_edge":8}',
    ],
    ['a deviation of zero', { ...vit, image_std: [1, 0, 1] }, 'image_std'],
    ['a mean of two channels', { ...vit, image_mean: [1, 0] }, 'image_mean'],
    [
      'code of its own',
      { ...vit, auto_map: { AutoImageProcessor: 'x.Y' } },
      'option that is not known: auto_map',
    ],
    [
      'no fixed size',
      { image_processor_type: 'BitImageProcessor', do_center_crop: false },
      'pictures of different sizes',
    ],
    [
      "timm's borders",
      { pretrained_cfg: { crop_mode: 'border' } },
      'p.json has a pretrained_cfg whose crop_mode is not known here: known are center or squash.',
    ],
    [
      "timm's oblong middle",
      { pretrained_cfg: { input_size: [3, 64, 48] } },
      'whose input_size is no square',
    ],
    [
      'a fast processor that samples otherwise',
      { image_processor_type: 'ViTImageProcessorFast', resample: 0 },
      'resamples by nearest unlike',
    ],
    [
      'a fast processor that pads otherwise',
      { image_processor_type: 'CLIPImageProcessorFast', size: 60, crop_size: 64 },
      'pads pictures',
    ],
  ])('is refused with %s', (_, options, message) => {
    expect(() => read(options)).toThrow(message);
  });

  test('of a fast processor is read as its slow twin, what is null being left out', () => {
    const unsaid = {
      crop_size: null,
      data_format: 'channels_first',
      device: null,
      do_center_crop: null,
      input_data_format: null,
      return_tensors: null,
    };
    expect(read({ image_processor_type: 'ViTImageProcessorFast', ...unsaid })).toEqual(read(vit));
  });
});
