/** The widths and input sizes that are held against Keras. */
export const variants = [
  { alpha: 0.35, side: 96 },
  { alpha: 0.5, side: 128 },
  { alpha: 0.75, side: 160 },
  { alpha: 1, side: 96 },
  { alpha: 1.3, side: 192 },
  { alpha: 1.4, side: 224 },
] as const;

/** The name of a variant's weights file, as Keras names those that it publishes. */
export function weightsName({ alpha, side }: (typeof variants)[number]): string {
  return `seeded_${alpha === 1 ? '1.0' : alpha}_${side}.h5`;
}
