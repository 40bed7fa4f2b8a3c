import { imageLimits, limits } from '../functions/shared/limits.ts';
import { readEnvironment } from '../functions/shared/settings.ts';
import { type Classifier, openClassifier } from '../layers/model/run/classifier.ts';
import { awsSettings } from './settings.ts';

/** Loads the model while a function starts: it has a whole processor then, whatever its memory buys later. */
export function openModel(): Promise<Classifier> {
  const { modelDir } = readEnvironment(awsSettings.pick({ modelDir: true }), process.env);
  return openClassifier(modelDir, {
    limits: imageLimits,
    keptPredictions: limits.keptPredictions,
    decodeTimeoutSeconds: limits.decodeSeconds,
  });
}
