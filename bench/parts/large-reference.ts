import { join } from 'node:path';
import { imageLimits } from '../../functions/shared/limits.ts';
import { modelFiles, readModelDescription } from '../../layers/model/folder.ts';
import { decode } from '../../layers/model/run/decode.ts';
import { bestPredictions } from '../../layers/model/run/labels.ts';
import { openNetwork } from '../../layers/model/run/network.ts';
import { geometryOf } from '../../layers/model/run/preprocess.ts';
import { loadResize } from '../../layers/model/run/resize.ts';
import type { Photo } from '../harness/photos.ts';

/** The best class and its score where every pixel of the photo is decoded. */
export async function classifyInFull(photo: Photo, modelDir: string) {
  const { labels, ...model } = await readModelDescription(modelDir);
  const { pixels } = await decode(
    { bytes: photo.bytes },
    { limits: imageLimits, inputSize: model.input.width },
  );
  const resize = await loadResize(
    join(modelDir, modelFiles.resizeKernel),
    geometryOf(model.preprocessing).frameOf,
  );
  const network = await openNetwork(join(modelDir, modelFiles.network), model);
  const scores = await network.run(resize(pixels));
  await network.close();
  const [best] = bestPredictions(scores, labels, 1);
  if (best === undefined) throw new Error('The network has no classes.');
  return { label: best.label, score: best.score };
}
