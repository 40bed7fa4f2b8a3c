import { deadLetterHandler } from '../../functions/dead-letter/handler.ts';
import { compose } from '../compose.ts';
import { images, jobs } from '../ports.ts';

export const handler = compose('dead-letter', (runtime) =>
  deadLetterHandler({ ...runtime, jobs: jobs(), images: images(runtime) }),
);
