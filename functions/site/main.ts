import { observability } from '../shared/aws/observability.ts';
import { awsSettings } from '../shared/aws/settings.ts';
import { readEnvironment } from '../shared/settings.ts';
import { siteHandler } from './handler.ts';
import { readModelDescription } from './model-description.ts';

const settings = readEnvironment(
  awsSettings.omit({ tableName: true, bucketName: true, queueUrl: true, streaming: true }),
  process.env,
);
const { telemetry, observe } = observability('site');

export const handler = observe(
  siteHandler({ model: await readModelDescription(settings.modelDir), telemetry, settings }),
);
