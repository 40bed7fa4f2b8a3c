import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { siteHandler } from '../../functions/site/handler.ts';
import { builtPage } from '../../functions/site/page.ts';
import { readModelDescription } from '../../layers/model/folder.ts';
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
// `buildPage` in web/build.ts resolved to it; the build lays it beside this module.
const pageFile = join(import.meta.dirname, 'page.json');
const page = async () => builtPage.parse(JSON.parse(await readFile(pageFile, 'utf8')));
const model = await readModelDescription(settings.modelDir);
const { telemetry, observe } = observability('site');

export const handler = observe(
  siteHandler({ model, page, uploadOrigins: settings.uploadOrigins, telemetry, settings }),
);
