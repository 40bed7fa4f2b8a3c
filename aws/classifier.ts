import { imageLimits, limits } from '../functions/shared/limits.ts';
import { readEnvironment } from '../functions/shared/settings.ts';
import { type Classifier, openClassifier } from '../layers/model/run/classifier.ts';
import { checkModel } from './model-digests.ts';
import { awsSettings } from './settings.ts';

/**
 * Loads the model while a function starts: it has a whole processor then, whatever its memory buys later.
 * @throws {Error} where the model is not the one the function was built with.
 */
export async function openModel(): Promise<Classifier> {
  const picked = awsSettings.pick({ modelDir: true, largeJpegs: true });
  const { modelDir, largeJpegs } = readEnvironment(picked, process.env);
  // The build lays the digests beside the bundle, which this module is part of.
  await checkModel(modelDir, import.meta.dirname);
  return openClassifier(modelDir, {
    limits: imageLimits,
    keptPredictions: limits.keptPredictions,
    decodeTimeoutSeconds: limits.decodeSeconds,
    largeJpegs,
  });
}
