import { type SmoothFilter, smoothFilters } from './filters.ts';

/** Fractional bits of Pillow's coefficients (`PRECISION_BITS` in Resample.c). */
export const FRACTION_BITS = 22;

/** Low bits that the kernel multiplies apart from the high ones. */
const SPLIT_BITS = 11;

/** The taps of one output position: the first input position and a coefficient for each from there on. */
export interface Taps {
  readonly first: number;
  readonly coefficients: Int32Array;
}

/** Part of the positions on one axis of a picture that is resized from `inputs` samples to `outputs`. */
export interface Span {
  readonly inputs: number;
  readonly outputs: number;
  /** The first output position that is wanted, and how many. */
  readonly from: number;
  readonly count: number;
}

/** Computes the taps of every output position of a span (`precompute_coeffs` in Resample.c). */
export function computeTaps({ inputs, outputs, from, count }: Span, filter: SmoothFilter): Taps[] {
  const { support: reach, weigh } = smoothFilters[filter];
  const scale = inputs / outputs;
  const filterScale = Math.max(scale, 1);
  const support = reach * filterScale;
  return Array.from({ length: count }, (_, position) => {
    const centre = (position + from + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), inputs);
    const weights = Float64Array.from({ length: end - first }, (_, i) =>
      weigh((i + first - centre + 0.5) * (1 / filterScale)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return {
      first,
      coefficients: Int32Array.from(weights, (weight) => toFixed(sum === 0 ? weight : weight / sum)),
    };
  });
}

function toFixed(weight: number): number {
  const scaled = weight * 2 ** FRACTION_BITS;
  return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

/** Taps as the kernel reads them: `bounds` holds a first position and a number of pairs each, `table` has `stride` pairs a position. */
export interface PackedTaps {
  readonly bounds: Int32Array;
  readonly table: Int16Array;
  readonly stride: number;
}

/** Packs taps in pairs, each as high a, high b, low a, low b; the pairs of a position are a multiple of `multiple`. */
export function packTaps(taps: readonly Taps[], multiple: number): PackedTaps {
  const pairsOf = ({ coefficients }: Taps) => Math.ceil(coefficients.length / (2 * multiple)) * multiple;
  const stride = Math.max(...taps.map(pairsOf));
  const bounds = new Int32Array(taps.length * 2);
  const table = new Int16Array(taps.length * stride * 4);
  taps.forEach((tap, position) => {
    bounds.set([tap.first, pairsOf(tap)], position * 2);
    tap.coefficients.forEach((coefficient, i) => {
      const at = (position * stride + (i >> 1)) * 4 + (i & 1);
      table[at] = coefficient >> SPLIT_BITS;
      table[at + 2] = coefficient & ((1 << SPLIT_BITS) - 1);
    });
  });
  return { bounds, table, stride };
}

/** Taps that come in groups of eight in the kernel. */
const GROUP = 8;

/** Packs taps in groups of eight, each as eight high halves and eight low ones; `bounds` and `stride` count groups. */
export function packGroups(taps: readonly Taps[]): PackedTaps {
  const groupsOf = ({ coefficients }: Taps) => Math.ceil(coefficients.length / GROUP);
  const stride = Math.max(...taps.map(groupsOf));
  const bounds = new Int32Array(taps.length * 2);
  const table = new Int16Array(taps.length * stride * GROUP * 2);
  taps.forEach((tap, position) => {
    bounds.set([tap.first, groupsOf(tap)], position * 2);
    tap.coefficients.forEach((coefficient, i) => {
      const at = (position * stride + Math.floor(i / GROUP)) * GROUP * 2 + (i % GROUP);
      table[at] = coefficient >> SPLIT_BITS;
      table[at + GROUP] = coefficient & ((1 << SPLIT_BITS) - 1);
    });
  });
  return { bounds, table, stride };
}

/** The taps that a mirrored picture of `inputs` samples needs for a mirrored result. */
export function mirrorTaps(taps: readonly Taps[], inputs: number): Taps[] {
  return taps
    .map(({ first, coefficients }) => ({
      first: inputs - first - coefficients.length,
      coefficients: coefficients.toReversed(),
    }))
    .reverse();
}
