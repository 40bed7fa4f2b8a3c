import { readEnvironment } from '../../functions/shared/settings.ts';
import { uploadHandler } from '../../functions/upload/handler.ts';
import { compose } from '../compose.ts';
import { images, jobs, queue } from '../ports.ts';
import { awsSettings } from '../settings.ts';

const { modelNames: models } = readEnvironment(awsSettings.pick({ modelNames: true }), process.env);

export const handler = compose('upload', (runtime) =>
  uploadHandler({ ...runtime, jobs: jobs(), images: images(runtime), queue: queue(), models }),
);
