/** An image processor of `transformers`. */
export interface ProcessorKind {
  /** What it takes for `size`: both sides, in words or as a number or a pair too; also the shorter edge; or that alone. */
  readonly sizes: 'full' | 'named' | 'either' | 'shortest';
  /** Its options with their defaults. An option that is not here is one that it does not have. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

const half = [0.5, 0.5, 0.5];
const standard = { image_mean: half, image_std: half };
const clip = {
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
};
const always = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true };
const middle = { do_center_crop: true, crop_size: { height: 224, width: 224 } };
const [NEAREST, BILINEAR, BICUBIC] = [0, 2, 3];

const deit: ProcessorKind = {
  sizes: 'full',
  defaults: { ...always, ...middle, ...standard, size: { height: 256, width: 256 }, resample: BICUBIC },
};
const bit: ProcessorKind = {
  sizes: 'either',
  defaults: { ...always, ...middle, ...clip, size: { shortest_edge: 224 }, resample: BICUBIC },
};
const mobileNet: ProcessorKind = {
  sizes: 'either',
  defaults: { ...always, ...middle, ...standard, size: { shortest_edge: 256 }, resample: BILINEAR },
};

/** The image processors of `transformers` 4.57 that are known here, by what stands in their `__init__`. */
export const imageProcessors: Readonly<Record<string, ProcessorKind>> = {
  ViTImageProcessor: {
    sizes: 'full',
    defaults: { ...always, ...standard, size: { height: 224, width: 224 }, resample: BILINEAR },
  },
  DeiTImageProcessor: deit,
  BeitImageProcessor: deit,
  BitImageProcessor: bit,
  CLIPImageProcessor: bit,
  ConvNextImageProcessor: {
    sizes: 'shortest',
    defaults: {
      ...{ ...always, ...standard },
      ...{ size: { shortest_edge: 384 }, resample: BILINEAR, crop_pct: 224 / 256 },
    },
  },
  MobileNetV1ImageProcessor: mobileNet,
  MobileNetV2ImageProcessor: mobileNet,
  MobileViTImageProcessor: {
    sizes: 'either',
    defaults: {
      ...{ do_resize: true, size: { shortest_edge: 224 }, resample: BILINEAR },
      ...{ do_center_crop: true, crop_size: { height: 256, width: 256 } },
      ...{ do_rescale: true, rescale_factor: 1 / 255, do_flip_channel_order: true },
    },
  },
  EfficientNetImageProcessor: {
    sizes: 'full',
    defaults: {
      ...{ ...always, ...standard, size: { height: 346, width: 346 }, resample: NEAREST },
      ...{ do_center_crop: false, crop_size: { height: 289, width: 289 } },
      ...{ rescale_offset: false, include_top: true },
    },
  },
  SiglipImageProcessor: {
    sizes: 'named',
    defaults: { ...always, ...standard, size: { height: 224, width: 224 }, resample: BICUBIC },
  },
};

/** The processors of model types whose files may leave the processor out, as `AutoImageProcessor` finds them. */
const processors: Readonly<Record<string, readonly string[]>> = {
  ViTImageProcessor: ['vit', 'swin', 'swinv2', 'vit_msn', 'vit_mae', 'swiftformer', 'dinat', 'nat', 'ijepa'],
  DeiTImageProcessor: ['deit'],
  BeitImageProcessor: ['beit', 'data2vec-vision'],
  BitImageProcessor: ['bit', 'dinov2', 'focalnet', 'hiera'],
  CLIPImageProcessor: ['clip'],
  ConvNextImageProcessor: ['convnext', 'convnextv2', 'cvt', 'regnet', 'resnet', 'van'],
  MobileNetV1ImageProcessor: ['mobilenet_v1'],
  MobileNetV2ImageProcessor: ['mobilenet_v2'],
  MobileViTImageProcessor: ['mobilevit', 'mobilevitv2'],
  EfficientNetImageProcessor: ['efficientnet'],
  SiglipImageProcessor: ['siglip'],
};

/** The processor that `transformers` takes for a model type of `config.json`. */
export function processorOfModel(modelType: string | undefined): string | undefined {
  return Object.keys(processors).find((name) => processors[name]?.includes(modelType ?? ''));
}
