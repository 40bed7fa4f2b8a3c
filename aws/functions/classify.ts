import { classifyHandler } from '../../functions/classify/handler.ts';
import { openModel } from '../classifier.ts';
import { compose } from '../compose.ts';
import { images, jobs, queue } from '../ports.ts';

const classifier = await openModel();

export const handler = compose('classify', (runtime) =>
  classifyHandler({ ...runtime, jobs: jobs(), images: images(runtime), queue: queue(), classifier }),
);
