/** Pillow's filters for resizing, by its own names. */
export const filters = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;
export type Filter = (typeof filters)[number];

/** Every filter that computes new samples; `nearest` picks them. */
export type SmoothFilter = Exclude<Filter, 'nearest'>;

interface Kernel {
  /** How far from its centre the filter weighs samples, in samples. */
  readonly support: number;
  /** The weight of a sample so far from the centre. */
  weigh(distance: number): number;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function hamming(distance: number): number {
  const x = Math.abs(distance);
  if (x === 0) return 1;
  return x < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI)) : 0;
}

/** With a = −0.5 (Keys, https://doi.org/10.1109/TASSP.1981.1163711). */
function bicubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

/** Pillow's own weights (https://github.com/python-pillow/Pillow/blob/main/src/libImaging/Resample.c). */
export const smoothFilters: Readonly<Record<SmoothFilter, Kernel>> = {
  box: { support: 0.5, weigh: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weigh: (x) => Math.max(1 - Math.abs(x), 0) },
  hamming: { support: 1, weigh: hamming },
  bicubic: { support: 2, weigh: bicubic },
  lanczos: { support: 3, weigh: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};
