import { classifyHandler } from '../../functions/classify/handler.ts';
import { openModel } from '../classifier.ts';
import { composeOpening } from '../compose.ts';
import { images, jobs, queue } from '../ports.ts';

export const handler = await composeOpening('classify', async (runtime) => {
  const ports = { jobs: jobs(), images: images(runtime), queue: queue() };
  return classifyHandler({ ...runtime, ...ports, classifier: await openModel() });
});
