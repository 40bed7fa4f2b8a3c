import type { Preprocessing } from '../description.ts';
import type { Pixels } from './bmp.ts';
import { geometryOf } from './preprocess.ts';
import type { Size } from './size.ts';

/** A window as the network's input shows it: black where the picture is smaller than its crop. */
export function framePicture(
  window: Uint8Array,
  picture: Size,
  input: Size,
  preprocessing: Preprocessing,
): Pixels {
  const { frameOf, placeOf } = geometryOf(preprocessing);
  const { width, height } = frameOf(picture).window;
  const { left, top } = placeOf(picture);
  const data = new Uint8Array(input.width * input.height * 3);
  for (let y = 0; y < height; y++) {
    const row = window.subarray(y * width * 3, (y + 1) * width * 3);
    data.set(row, ((top + y) * input.width + left) * 3);
  }
  return { data, width: input.width, height: input.height };
}
