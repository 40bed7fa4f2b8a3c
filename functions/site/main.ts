import { join } from 'node:path';
import * as z from 'zod';
import { observability } from '../shared/aws/observability.ts';
import { awsSettings } from '../shared/aws/settings.ts';
import { readModelDescription } from '../shared/model-description.ts';
import { readEnvironment } from '../shared/settings.ts';
import { siteHandler } from './handler.ts';
import { readPage } from './page.ts';

/** Where presigned forms go, with commas between: the page's policy has to name it. */
const uploadOrigins = z
  .string()
  .default('')
  .transform((list) => list.split(',').filter(Boolean));

const settings = readEnvironment(
  awsSettings
    .omit({ tableName: true, bucketName: true, queueUrl: true, streaming: true })
    .extend({ uploadOrigins }),
  process.env,
);
// Laid beside this module by the build.
const page = () => readPage(join(import.meta.dirname, 'page.json'));
const model = await readModelDescription(settings.modelDir);
const { telemetry, observe } = observability('site');

export const handler = observe(
  siteHandler({ model, page, uploadOrigins: settings.uploadOrigins, telemetry, settings }),
);
