import { join } from 'node:path';
import { readLabels } from '../../functions/shared/model-description.ts';
import { decode } from '../../layers/model/run/decode.ts';
import { bestPredictions } from '../../layers/model/run/labels.ts';
import { openNetwork } from '../../layers/model/run/network.ts';
import { loadResize } from '../../layers/model/run/resize.ts';
import type { Photo } from '../harness/photos.ts';

const SIDE = 224;

/** The best class and its score where every pixel of the photo is decoded. */
export async function classifyInFull(photo: Photo, modelDir: string) {
  const { pixels } = await decode({ bytes: photo.bytes }, { shrink: false });
  const resize = await loadResize(join(modelDir, 'resize.wasm'), SIDE);
  const network = await openNetwork(join(modelDir, 'network.onnx'), SIDE);
  const scores = await network.run(resize(pixels));
  await network.close();
  const [best] = bestPredictions(scores, await readLabels(join(modelDir, 'labels.json')), 1);
  if (best === undefined) throw new Error('The network has no classes.');
  return { label: best.label, score: best.score };
}
