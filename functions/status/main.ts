import { createClients } from '../shared/aws/clients.ts';
import { DynamoJobStore } from '../shared/aws/dynamo-job-store.ts';
import { observability } from '../shared/aws/observability.ts';
import { S3ImageStore } from '../shared/aws/s3-image-store.ts';
import { awsSettings } from '../shared/aws/settings.ts';
import { readEnvironment } from '../shared/settings.ts';
import { statusHandler } from './handler.ts';

const settings = readEnvironment(
  awsSettings.omit({ queueUrl: true, modelDir: true, streaming: true }),
  process.env,
);
const { telemetry, instrument, observe } = observability('status');
const clients = createClients({ instrument });

export const handler = observe(
  statusHandler({
    jobs: new DynamoJobStore(clients.dynamo, settings.tableName),
    images: new S3ImageStore(clients.s3, { bucket: settings.bucketName }),
    telemetry,
    settings,
  }),
);
