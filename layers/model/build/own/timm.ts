import * as z from 'zod';
import { type Filter, filters } from '../../run/filters.ts';
import { ModelError } from '../errors.ts';
import type { Processor } from './processor.ts';

const pixels = z.int().positive();
const triple = z.array(z.number()).length(3);

/** What of a model's `pretrained_cfg` says how pictures are prepared, with the defaults of `resolve_data_config` in timm 1.0. */
const configurationSchema = z.object({
  input_size: z.tuple([z.literal(3), pixels, pixels]).default([3, 224, 224]),
  interpolation: z.enum(filters).default('bicubic'),
  crop_pct: z.number().positive().max(1).default(0.875),
  crop_mode: z.enum(['center', 'squash']).default('center'),
  mean: triple.default([0.485, 0.456, 0.406]),
  std: triple.refine((values) => !values.includes(0)).default([0.229, 0.224, 0.225]),
});

const takes: Readonly<Record<string, string>> = {
  input_size: 'three channels, a height and a width, such as [3, 224, 224]',
  interpolation: `one of ${filters.join(', ')}`,
  crop_pct: 'a number above 0, and 1 at most',
  crop_mode: 'center or squash',
  mean: 'a number for each of three channels',
  std: 'a number other than 0 for each of three channels',
};

/**
 * Reads timm's `pretrained_cfg` as its own transform for evaluation does (`transforms_imagenet_eval`), which resizes a `PIL.Image`: with Pillow.
 * @throws {ModelError} naming what is not as it should be.
 */
export function readTimm(path: string, given: object): Processor {
  const said = Object.entries(given).filter(([, value]) => value !== null);
  const result = configurationSchema.safeParse(Object.fromEntries(said));
  if (!result.success) {
    const name = String(result.error.issues[0]?.path[0]);
    throw new ModelError(
      `${path} has a pretrained_cfg whose ${name} is not known here: known are ${takes[name]}.`,
    );
  }
  const { input_size, mean, std } = result.data;
  const [, height, width] = input_size;
  return {
    preprocessing: {
      resize: resizeOf(path, result.data),
      // torchvision rounds half a pixel to the even one.
      crop: { height, width, rounding: 'even' },
      rescale: { factor: 1 / 255, offset: 0 },
      normalize: [{ mean, std }],
      channels: 'RGB',
    },
    size: { height, width },
    isWhole: false,
  };
}

function resizeOf(
  path: string,
  {
    input_size: [, height, width],
    crop_pct,
    crop_mode,
    interpolation: filter,
  }: z.infer<typeof configurationSchema>,
): { height: number; width: number; filter: Filter } | { shortestEdge: number; filter: Filter } {
  const [down, across] = [Math.floor(height / crop_pct), Math.floor(width / crop_pct)];
  if (crop_mode === 'squash') return { height: down, width: across, filter };
  if (down === across) return { shortestEdge: down, filter };
  throw new ModelError(
    `${path} has a pretrained_cfg whose input_size is no square, and only squares are known with crop_mode "center".`,
  );
}
