import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { imageLimits } from '../../functions/shared/limits.ts';
import { buildModel } from '../../layers/model/build/index.ts';
import { progressBar } from '../../layers/model/build/progress.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import type { Options } from './options.ts';
import type { Engine } from './result.ts';

/** Classifies in this process, one image at a time: the network uses every core by itself. */
export async function openInProcess(
  { top }: Options,
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<Engine> {
  const model = await buildModel({
    weights: environment.MODEL_WEIGHTS || undefined,
    labels: environment.MODEL_LABELS || undefined,
    cacheDir: resolve(environment.MODEL_CACHE || '.cache/model'),
    onProgress: progressBar(process.stderr),
  });
  const classifier = await openClassifier(model.dir, { limits: imageLimits, keptPredictions: top });
  return {
    concurrency: 1,
    async classify(file) {
      try {
        const { predictions } = await classifier.classify({ bytes: await readFile(file) });
        return { file, labels: predictions.map(({ label, score }) => ({ label, score })) };
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { file, error: { code: error instanceof ImageError ? error.code : 'unreadable', detail } };
      }
    },
    [Symbol.asyncDispose]: () => classifier.close(),
  };
}
