/** `node pipeline-process.ts THREADS SECONDS`: decodes and classifies the photos in turn, from memory, and prints what it did as JSON. */
import { performance } from 'node:perf_hooks';
import * as z from 'zod';
import { imageLimits, limits } from '../../functions/shared/limits.ts';
import { median } from '../../infra/scaling/statistics.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { readPhotos } from '../harness/photos.ts';
import { readBenchSettings } from '../harness/settings.ts';

const given = z.tuple([z.coerce.number().pipe(z.literal([1, 2])), z.coerce.number()]);
const [threads, seconds] = given.parse(process.argv.slice(2));
const settings = await readBenchSettings();
const photos = await readPhotos(settings);
const options = { limits: imageLimits, keptPredictions: limits.keptPredictions, threads: () => threads };
const classifier = await openClassifier(settings.modelDir, options);
for (const photo of photos) await classifier.classify(photo);

const seen: Record<'whole' | 'decode' | 'resize' | 'network', number>[] = [];
const [started, used] = [performance.now(), process.cpuUsage()];
while (performance.now() - started < seconds * 1000) {
  for (const photo of photos.slice(seen.length % photos.length).slice(0, 1)) {
    const before = performance.now();
    const { timings } = await classifier.classify(photo);
    seen.push({ ...timings, whole: performance.now() - before });
  }
}
const { user, system } = process.cpuUsage(used);
const middle = (name: keyof (typeof seen)[number]) => median(seen.map((entry) => entry[name]));
const figures = {
  rate: (seen.length * 1000) / (performance.now() - started),
  p50: middle('whole'),
  processor: (user + system) / 1000 / seen.length,
  ...{ decode: middle('decode'), resize: middle('resize'), network: middle('network') },
};
console.log(JSON.stringify(figures));
await classifier.close();
