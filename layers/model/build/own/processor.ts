import * as z from 'zod';
import type { Preprocessing } from '../../description.ts';
import type { filters } from '../../run/filters.ts';
import type { Size } from '../../run/size.ts';
import { ModelError } from '../errors.ts';
import { imageProcessors, type ProcessorKind, processorOfModel } from './processors.ts';
import { readTimm } from './timm.ts';

/** What a `preprocessor_config.json` asks for. */
export interface Processor {
  readonly preprocessing: Preprocessing;
  /** What every picture becomes. */
  readonly size: Size;
  /** Whether samples stay whole numbers from 0 to 255. */
  readonly isWhole: boolean;
}

type Options = Readonly<Record<string, unknown>>;

const pixels = z.int().positive();
const fullSize = z.strictObject({ height: pixels, width: pixels });
const pair = z.tuple([pixels, pixels]).transform(([height, width]) => ({ height, width }));
const shortestEdge = z
  .strictObject({ shortest_edge: pixels, longest_edge: pixels.optional() })
  .transform(({ shortest_edge }) => ({ shortestEdge: shortest_edge }));
const square = pixels.transform((side) => ({ height: side, width: side }));
const edge = pixels.transform((side) => ({ shortestEdge: side }));

/** What a picture is resized to. */
type Resized = Size | { shortestEdge: number };

/** What `size` may be, by what a processor of `transformers` makes of it. */
const sizes: Readonly<Record<ProcessorKind['sizes'], z.ZodType<Resized>>> = {
  full: z.union([fullSize, pair, square]),
  named: z.union([fullSize, pair]),
  either: z.union([fullSize, pair, shortestEdge, edge]),
  shortest: z.union([shortestEdge, edge]),
};

const cropSize = z.union([fullSize, pair, square]);

const triple = z.array(z.number()).length(3);
const perChannel = z.union([triple, z.number().transform((value) => [value, value, value])]);

/** Pillow's numbers of filters (`PIL.Image.Resampling`). */
const filterNumbers = [
  'nearest',
  'lanczos',
  'bilinear',
  'bicubic',
  'box',
  'hamming',
] as const satisfies readonly (typeof filters)[number][];

/** Options that change nothing here: pictures always are RGB, and labels of training data are none of ours. */
const withoutEffect = new Set([
  ...['image_processor_type', 'feature_extractor_type', 'processor_class', '_valid_processor_keys'],
  ...['do_convert_rgb', 'do_reduce_labels', 'reduce_labels', 'default_to_square'],
]);

/** Options that some processor has; elsewhere `transformers` ignores them, which is harmless only if they are off. */
const switches = new Set([
  ...['do_resize', 'do_center_crop', 'do_rescale', 'do_normalize', 'do_flip_channel_order', 'do_pad'],
  ...['rescale_offset', 'include_top', 'use_square_size', 'do_thumbnail', 'do_align_long_axis'],
]);
/** What goes with a switch, and does nothing while that is off. */
const details = new Set(['size', 'crop_size', 'resample', 'rescale_factor', 'image_mean', 'image_std']);

/**
 * Reads a `preprocessor_config.json` as the image processor of `transformers` 4.57 does that it names; or timm's `pretrained_cfg` in it.
 * @param modelType of `config.json`, which names the processor where the file does not.
 * @throws {ModelError} naming the option that is not known, or not as it should be.
 */
export function readProcessor(path: string, options: Options, modelType: string | undefined): Processor {
  const { pretrained_cfg: timm } = options;
  if (typeof timm === 'object' && timm !== null) return readTimm(path, timm);
  const { type, kind, isFast } = processorType(path, options, modelType);
  const reader = new OptionReader(path, type, kind, options);
  if (isFast) reader.requireSaid();
  reader.requireKnown();
  const resampled = reader.resizing();
  const crop = resampled.crop ?? reader.crop();
  const preprocessing: Preprocessing = {
    ...(resampled.resize && { resize: resampled.resize }),
    ...(crop && { crop }),
    ...reader.values(),
    channels: reader.isOn('do_flip_channel_order') ? 'BGR' : 'RGB',
  };
  if (isFast) requireExactTwin(path, type, preprocessing);
  const isWhole = preprocessing.rescale === undefined && preprocessing.normalize.length === 0;
  return { preprocessing, size: sizeOf(path, preprocessing), isWhole };
}

function processorType(path: string, options: Options, modelType: string | undefined) {
  const named = options.image_processor_type ?? options.feature_extractor_type ?? processorOfModel(modelType);
  if (typeof named !== 'string') {
    throw new ModelError(`${path} names no image_processor_type: add one, such as "ViTImageProcessor".`);
  }
  const name = named.replace('FeatureExtractor', 'ImageProcessor');
  const isFast = name.endsWith('Fast');
  const type = name.replace(/Fast$/, '');
  const kind = Object.hasOwn(imageProcessors, type) ? imageProcessors[type] : undefined;
  if (kind !== undefined) return { type, kind, isFast };
  const known = Object.keys(imageProcessors).join(', ');
  throw new ModelError(`${path} names the image processor ${named}, which is not known: known are ${known}.`);
}

/** Reads options with a processor's defaults. */
class OptionReader {
  readonly #path: string;
  readonly #type: string;
  readonly #sizes: ProcessorKind['sizes'];
  readonly #defaults: ProcessorKind['defaults'];
  readonly #options: Options;

  constructor(path: string, type: string, { sizes, defaults }: ProcessorKind, options: Options) {
    this.#path = path;
    this.#type = type;
    this.#sizes = sizes;
    this.#defaults = defaults;
    this.#options = options;
  }

  /** A fast processor takes what is null for what is not said, and its default may differ from its slow twin's. */
  requireSaid(): void {
    const unsaid = this.#type === 'BeitImageProcessor' ? ['size', 'do_center_crop'] : [];
    const missing = unsaid.find((name) => this.#options[name] === undefined);
    const empty = Object.keys(this.#defaults).find(
      (name) => this.#options[name] === null && this.#defaults[name] === true,
    );
    const name = missing ?? empty;
    if (name !== undefined)
      throw this.#wrong(name, 'true or false, since fast and slow processors differ without');
  }

  requireKnown(): void {
    for (const [name, value] of Object.entries(this.#options)) {
      const isOff = value === null || value === false;
      if (withoutEffect.has(name) || name in this.#defaults || (isOff && switches.has(name))) continue;
      if (details.has(name) || (value === null && inactive.has(name))) continue;
      if (name === 'data_format' && value === 'channels_first') continue;
      if (switches.has(name)) {
        throw new ModelError(
          `${this.#path} sets ${name}, which ${this.#type} does not have: take it out, or name the processor that has it.`,
        );
      }
      throw new ModelError(`${this.#path} has an option that is not known: ${name}.`);
    }
  }

  isOn(name: string): boolean {
    if (!(name in this.#defaults)) return false;
    const given = this.#options[name] === undefined ? this.#defaults[name] : this.#options[name];
    const result = z.boolean().nullable().safeParse(given);
    if (result.success) return result.data === true;
    throw this.#wrong(name, 'true or false');
  }

  resizing(): Pick<Preprocessing, 'resize' | 'crop'> {
    if (!this.isOn('do_resize')) return {};
    const size: Resized = this.#read('size', sizes[this.#sizes], sizeTexts[this.#sizes]);
    const number = this.#read('resample', z.int().min(0).max(5), 'a number from 0 to 5');
    const filter = filterNumbers[number] ?? 'bilinear';
    if (!('crop_pct' in this.#defaults) || !('shortestEdge' in size)) return { resize: { ...size, filter } };
    return this.#resizeForCrop(size.shortestEdge, filter);
  }

  /** ConvNeXt's own: below 384 pixels a larger picture's middle, from there on all of it, stretched. */
  #resizeForCrop(side: number, filter: (typeof filters)[number]): Pick<Preprocessing, 'resize' | 'crop'> {
    const whole = { height: side, width: side };
    if (side >= 384) return { resize: { ...whole, filter } };
    const part = this.#read('crop_pct', z.number().positive(), 'a number above 0');
    return { resize: { shortestEdge: Math.trunc(side / part), filter }, crop: whole };
  }

  crop(): Preprocessing['crop'] {
    return this.isOn('do_center_crop') ? this.#read('crop_size', cropSize, sizeTexts.full) : undefined;
  }

  values(): Pick<Preprocessing, 'rescale' | 'normalize'> {
    const isRescaled = this.isOn('do_rescale');
    const factor = isRescaled ? this.#read('rescale_factor', z.number(), 'a number') : 1;
    const offset = this.isOn('rescale_offset') ? -1 : 0;
    const normalize: Preprocessing['normalize'] = [];
    if (this.isOn('do_normalize'))
      normalize.push({ mean: this.#channels('image_mean'), std: this.#deviation() });
    // EfficientNet divides once more for its classifier, whatever else is on.
    if (this.isOn('include_top')) normalize.push({ mean: [0, 0, 0], std: this.#deviation() });
    return { ...(isRescaled && { rescale: { factor, offset } }), normalize };
  }

  #channels(name: string): number[] {
    return this.#read(name, perChannel, 'a number, or one for each of three channels');
  }

  #deviation(): number[] {
    const std = this.#channels('image_std');
    if (std.includes(0)) throw this.#wrong('image_std', 'numbers other than 0');
    return std;
  }

  /** An option that is not said, or null where `transformers` takes that for the same, has its default. */
  #read<T>(name: string, schema: z.ZodType<T>, takes: string): T {
    const isDefault =
      this.#options[name] === undefined || (this.#options[name] === null && nullable.has(name));
    const result = schema.safeParse(isDefault ? this.#defaults[name] : this.#options[name]);
    if (result.success) return result.data;
    throw this.#wrong(name, takes);
  }

  #wrong(name: string, takes: string): ModelError {
    const given = JSON.stringify(this.#options[name] ?? null);
    return new ModelError(`${this.#path} has ${name}: ${given}, and ${this.#type} takes ${takes}.`);
  }
}

const nullable = new Set(['size', 'crop_size', 'image_mean', 'image_std', 'crop_pct']);
/** Options of fast processors, which say nothing while they are null. */
const inactive = new Set([
  ...['data_format', 'input_data_format', 'return_tensors', 'device', 'disable_grouping', 'pad_size'],
  ...['crop_pct', 'auto_map', 'image_seq_length', 'max_size'],
]);
const sizeTexts = {
  full: 'a number, or a height and a width',
  named: 'a height and a width',
  either: 'a number, a shortest_edge, or a height and a width',
  shortest: 'a number, or a shortest_edge',
};

function sizeOf(path: string, { resize, crop }: Preprocessing): Size {
  if (crop !== undefined) return crop;
  if (resize !== undefined && 'height' in resize) return { height: resize.height, width: resize.width };
  throw new ModelError(
    `${path} gives pictures of different sizes, and a network's input has one: set do_center_crop and crop_size, or a size with a height and a width.`,
  );
}

/**
 * Fast processors compute with torchvision. Its bilinear and bicubic are Pillow's algorithm; its nearest picks other samples, and it has no
 * other filter. It pads a picture that is smaller than its crop by another rule.
 */
function requireExactTwin(path: string, type: string, { resize, crop }: Preprocessing): void {
  const filter = resize?.filter ?? 'bilinear';
  const mayPad =
    crop !== undefined &&
    (resize === undefined ||
      ('shortestEdge' in resize
        ? Math.max(crop.height, crop.width) > resize.shortestEdge
        : crop.height > resize.height || crop.width > resize.width));
  if ((filter === 'bilinear' || filter === 'bicubic') && !mayPad) return;
  const reason = mayPad ? 'pads pictures that are smaller than crop_size' : `resamples by ${filter}`;
  throw new ModelError(
    `${path} names ${type}Fast, which ${reason} unlike ${type}: name ${type} if the model was trained with that.`,
  );
}
