import { join } from 'node:path';
import type { Preprocessing } from '../description.ts';
import { modelFiles, readModelDescription } from '../folder.ts';
import type { FrameOf } from './frame.ts';
import { bestPredictions, type Prediction } from './labels.ts';
import { type NetworkOptions, openNetwork } from './network.ts';
import { geometryOf } from './preprocess.ts';
import type { Size } from './size.ts';
import { type TensorData, tensorWriter } from './tensor.ts';

/** A model that is loaded, without what decodes images: that is shared by all that see the same picture. */
export interface LoadedModel {
  readonly identity: { readonly name: string; readonly sha256: string };
  /** What the model needs of a picture. */
  readonly frameOf: FrameOf;
  /** Side in pixels that a JPEG may be shrunk to twice of; none where every pixel may count. */
  readonly shrinkTo: number | undefined;
  /** A buffer for a window that no run uses: a new one each time would cost more to get from the system than to fill. */
  takeBuffer(): Uint8Array | undefined;
  /** The best classes for a window of a picture of a size, best first. The window is the model's afterwards. */
  predict(window: Uint8Array, picture: Size): Promise<Prediction[]>;
  close(): Promise<void>;
}

export interface ModelOptions extends NetworkOptions {
  /** How many predictions to answer with. */
  readonly keptPredictions: number;
}

/** Loads the model from a folder that `../build` made. */
export async function openModel(modelDir: string, options: ModelOptions): Promise<LoadedModel> {
  const { name, sha256, input, preprocessing, output, needs, labels } = await readModelDescription(modelDir);
  const network = await openNetwork(join(modelDir, modelFiles.network), { input, output, needs }, options);
  const { frameOf, placeOf } = geometryOf(preprocessing);
  const writeTensor = tensorWriter(input, preprocessing);
  const isVaried = preprocessing.crop !== undefined;
  const spareWindows: Uint8Array[] = [];
  const spareTensors: TensorData[] = [];
  return {
    identity: { name, sha256 },
    frameOf,
    shrinkTo: smallestSide(preprocessing),
    takeBuffer: () => spareWindows.pop(),
    async predict(window, picture) {
      const tensor = writeTensor(window, frameOf(picture).window, placeOf(picture), spareTensors.pop());
      const scores = await network.run(tensor);
      // A crop may be smaller for the next picture.
      if (!isVaried) spareWindows.push(window);
      if (tensor !== window) spareTensors.push(tensor);
      return bestPredictions(scores, labels, options.keptPredictions);
    },
    close: () => network.close(),
  };
}

/** Shrinking keeps to sides of the result: where that is a part of the picture, or the filter picks, there is no telling. */
function smallestSide({ resize, crop }: Preprocessing): number | undefined {
  const isPlain = resize !== undefined && 'height' in resize && resize.filter !== 'nearest';
  return isPlain && crop === undefined ? Math.max(resize.height, resize.width) : undefined;
}
