import { join } from 'node:path';
import * as z from 'zod';
import { readModelDescription } from '../../functions/shared/model-description.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { siteHandler } from '../../functions/site/handler.ts';
import { readPage } from '../../functions/site/page.ts';
import { awsSettings } from '../settings.ts';
import { observability } from '../telemetry/observability.ts';

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
