import { imageLimits, limits } from '../../../functions/shared/limits.ts';
import { type DecodeOptions, decode, type ImageFile } from '../../../layers/model/run/decode.ts';
import { type FrameOf, stretchTo } from '../../../layers/model/run/frame.ts';

/** Side of MobileNetV2's input in pixels. */
export const inputSize = 224;

/** What every runtime makes of a picture for the default model. */
export const toInput: FrameOf = () => stretchTo({ width: inputSize, height: inputSize }, 'bicubic');

/** How every runtime opens the model. */
export const classifierOptions = { limits: imageLimits, keptPredictions: limits.keptPredictions };

/** Decodes under the limits and for the input size that every runtime has. */
export function decodeImage(image: ImageFile, options: Partial<DecodeOptions> = {}) {
  return decode(image, { limits: imageLimits, inputSize, ...options });
}
