import type { Span } from './coefficients.ts';
import type { Filter } from './filters.ts';
import type { Size } from './size.ts';

/** A size in pixels, and where in a larger picture it begins. */
export interface Window extends Size {
  readonly left: number;
  readonly top: number;
}

/** What is made of an upright picture: it is resized as a whole to `full`, and `window` is what is wanted of the result. */
export interface Frame {
  readonly filter: Filter;
  readonly full: Size;
  readonly window: Window;
}

/** The frame of an upright picture of a size. */
export type FrameOf = (upright: Size) => Frame;

/** The whole of a picture, stretched. */
export function stretchTo(full: Size, filter: Filter): Frame {
  return { filter, full, window: { left: 0, top: 0, ...full } };
}

/** The two axes of a frame. */
export function spansOf(
  upright: Size,
  { full, window }: Frame,
): { readonly across: Span; readonly down: Span } {
  return {
    across: { inputs: upright.width, outputs: full.width, from: window.left, count: window.width },
    down: { inputs: upright.height, outputs: full.height, from: window.top, count: window.height },
  };
}

/**
 * Which pass Pillow runs first; the intermediate picture is rounded, so the order shows in the result
 * (`ImagingResampleInner` in Resample.c of Pillow 13).
 */
export function isVerticalFirst({ width, height }: Size, { full }: Frame): boolean {
  return height > full.height && height - full.height > (width - full.width) * 2;
}

/**
 * The input position that each output position takes its sample from where the filter is `nearest`; −1 where there is none
 * (`ImagingScaleAffine` in Pillow's Geometry.c, which adds up the step: so do we, for the same rounding).
 */
export function pickNearest({ inputs, outputs, from, count }: Span): Int32Array {
  const step = inputs / outputs;
  const picks = new Int32Array(count);
  let at = step * 0.5;
  for (let position = 0; position < from + count; position++, at += step) {
    if (position >= from) picks[position - from] = at < inputs ? Math.trunc(at) : -1;
  }
  return picks;
}

/** A span as text, for keeping what was computed for it. */
export function spanKey({ inputs, outputs, from, count }: Span): string {
  return `${inputs} ${outputs} ${from} ${count}`;
}
