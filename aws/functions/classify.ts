import { classifyHandler } from '../../functions/classify/handler.ts';
import { imageLimits, limits } from '../../functions/shared/limits.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { compose } from '../compose.ts';
import { images, jobs, queue } from '../ports.ts';
import { awsSettings } from '../settings.ts';

const { modelDir } = readEnvironment(awsSettings.omit({ streaming: true }), process.env);
// Loaded at start, when a function has a whole processor regardless of its memory size.
const classifier = await openClassifier(modelDir, {
  limits: imageLimits,
  keptPredictions: limits.keptPredictions,
  decodeTimeoutSeconds: limits.decodeSeconds,
});

export const handler = compose('classify', (runtime) =>
  classifyHandler({
    ...runtime,
    jobs: jobs(),
    images: images(runtime),
    queue: queue(),
    classifier,
  }),
);
