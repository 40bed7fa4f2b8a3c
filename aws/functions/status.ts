import { statusHandler } from '../../functions/status/handler.ts';
import { compose } from '../compose.ts';
import { images, jobs } from '../ports.ts';

export const handler = compose('status', (runtime) =>
  statusHandler({ ...runtime, jobs: jobs(), images: images(runtime) }),
);
