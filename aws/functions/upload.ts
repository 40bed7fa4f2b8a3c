import * as z from 'zod';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { uploadHandler } from '../../functions/upload/handler.ts';
import { compose } from '../compose.ts';
import { images, jobs, queue } from '../ports.ts';
import { texts } from '../settings.ts';

/** What requests call the models by, the default first; none where there is nothing to choose. */
const { modelNames: models } = readEnvironment(z.object({ modelNames: texts }), process.env);

export const handler = compose('upload', (runtime) =>
  uploadHandler({ ...runtime, jobs: jobs(), images: images(runtime), queue: queue(), models }),
);
