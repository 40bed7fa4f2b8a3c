import { performance } from 'node:perf_hooks';
import * as z from 'zod';
import { imageLimits, limits } from '../../functions/shared/limits.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { readPhotos } from '../harness/photos.ts';
import { readBenchSettings } from '../harness/settings.ts';
import { median } from '../harness/statistics.ts';

/**
 * The pipeline without the way: decodes and classifies the photos in turn, from memory, as the classify function does. Says it is
 * ready, starts when told for how many milliseconds, and answers with what it did.
 */
const threads = z.coerce
  .number()
  .pipe(z.union([z.literal(1), z.literal(2)]))
  .parse(process.argv[2]);
const order = z.object({ milliseconds: z.number() });

const settings = await readBenchSettings();
const photos = await readPhotos(settings);
const classifier = await openClassifier(settings.modelDir, {
  limits: imageLimits,
  keptPredictions: limits.keptPredictions,
  threads: () => threads,
});
for (const photo of photos) await classifier.classify(photo);

process.on('message', async (message) => {
  const { milliseconds } = order.parse(message);
  process.send?.(await run(milliseconds));
  process.disconnect();
});
process.send?.('ready');

async function run(milliseconds: number) {
  const whole: number[] = [];
  const steps = { decode: [], resize: [], network: [] } as Record<'decode' | 'resize' | 'network', number[]>;
  const started = performance.now();
  while (performance.now() - started < milliseconds) {
    const photo = photos[whole.length % photos.length];
    if (photo === undefined) throw new Error('No photos.');
    const before = performance.now();
    const { timings } = await classifier.classify(photo);
    whole.push(performance.now() - before);
    steps.decode.push(timings.decode);
    steps.resize.push(timings.resize);
    steps.network.push(timings.network);
  }
  return {
    perSecond: (whole.length * 1000) / (performance.now() - started),
    p50: median(whole),
    decode: median(steps.decode),
    resize: median(steps.resize),
    network: median(steps.network),
  };
}
