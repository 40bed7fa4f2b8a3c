import type { Preprocessing } from '../description.ts';
import { type Frame, type FrameOf, stretchTo } from './frame.ts';
import type { Size } from './size.ts';

/** Where a window stands in the network's input, which it fills unless the picture is smaller. */
export interface Place {
  readonly left: number;
  readonly top: number;
}

/** What is made of a picture of any size before the network sees it, as `transformers`' image processors make it with Pillow. */
export interface Geometry {
  readonly frameOf: FrameOf;
  placeOf(upright: Size): Place;
}

/** The geometry that a description's resize and crop give. */
export function geometryOf({ resize, crop }: Pick<Preprocessing, 'resize' | 'crop'>): Geometry {
  const resizeOf = (upright: Size): Frame => {
    // A picture that is not resized is picked pixel by pixel.
    if (resize === undefined) return stretchTo(upright, 'nearest');
    if ('shortestEdge' in resize) return stretchTo(fitShortest(upright, resize.shortestEdge), resize.filter);
    return stretchTo({ width: resize.width, height: resize.height }, resize.filter);
  };
  if (crop === undefined) return { frameOf: resizeOf, placeOf: () => ({ left: 0, top: 0 }) };
  const cropOf = ({ full }: Frame) =>
    [cropAxis(full.width, crop.width, crop), cropAxis(full.height, crop.height, crop)] as const;
  return {
    frameOf(upright) {
      const frame = resizeOf(upright);
      const [x, y] = cropOf(frame);
      return { ...frame, window: { left: x.from, top: y.from, width: x.count, height: y.count } };
    },
    placeOf(upright) {
      const [x, y] = cropOf(resizeOf(upright));
      return { left: x.padding, top: y.padding };
    },
  };
}

/** The size whose shorter side is `edge` (`get_resize_output_image_size` of `transformers`). */
function fitShortest({ width, height }: Size, edge: number): Size {
  const [short, long] = width <= height ? [width, height] : [height, width];
  const other = Math.trunc((edge * long) / short);
  return width <= height ? { width: edge, height: other } : { width: other, height: edge };
}

/**
 * The middle of an axis; where it is shorter than what is wanted, all of it, and how far it is moved (`center_crop` of `transformers`, or of
 * torchvision, which rounds as Python does).
 */
function cropAxis(
  length: number,
  wanted: number,
  { rounding }: NonNullable<Preprocessing['crop']>,
): { from: number; count: number; padding: number } {
  const spare = Math.abs(length - wanted) / 2;
  const isEven = rounding === 'even';
  if (length < wanted)
    return { from: 0, count: length, padding: isEven ? Math.floor(spare) : Math.ceil(spare) };
  const from = Math.floor(spare);
  const isHalf = spare > from;
  return { from: isEven && isHalf && from % 2 === 1 ? from + 1 : from, count: wanted, padding: 0 };
}
