import { uploadHandler } from '../../functions/upload/handler.ts';
import { compose } from '../compose.ts';
import { images, jobs, queue } from '../ports.ts';

export const handler = compose('upload', (runtime) =>
  uploadHandler({ ...runtime, jobs: jobs(), images: images(runtime), queue: queue() }),
);
