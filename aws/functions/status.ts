import { readEnvironment } from '../../functions/shared/settings.ts';
import { statusHandler } from '../../functions/status/handler.ts';
import { createClients } from '../clients.ts';
import { awsSettings } from '../settings.ts';
import { DynamoJobStore } from '../stores/dynamo-job-store.ts';
import { S3ImageStore } from '../stores/s3-image-store.ts';
import { observability } from '../telemetry/observability.ts';

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
