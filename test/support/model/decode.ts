import { imageLimits, limits } from '../../../functions/shared/limits.ts';
import { type DecodeOptions, decode, type ImageFile } from '../../../layers/model/run/decode.ts';

/** Side of MobileNetV2's input in pixels. */
export const inputSize = 224;

/** How every runtime opens the model. */
export const classifierOptions = { limits: imageLimits, keptPredictions: limits.keptPredictions };

/** Decodes under the limits and for the input size that every runtime has. */
export function decodeImage(image: ImageFile, options: Partial<DecodeOptions> = {}) {
  return decode(image, { limits: imageLimits, inputSize, ...options });
}
