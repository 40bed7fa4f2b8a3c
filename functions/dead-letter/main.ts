import { createClients } from '../shared/aws/clients.ts';
import { DynamoJobStore } from '../shared/aws/dynamo-job-store.ts';
import { observability } from '../shared/aws/observability.ts';
import { S3ImageStore } from '../shared/aws/s3-image-store.ts';
import { awsSettings } from '../shared/aws/settings.ts';
import { readEnvironment } from '../shared/settings.ts';
import { deadLetterHandler } from './handler.ts';

const { tableName, bucketName } = readEnvironment(
  awsSettings.pick({ tableName: true, bucketName: true }),
  process.env,
);
const { telemetry, instrument, observe } = observability('dead-letter');
const clients = createClients({ instrument });

export const handler = observe(
  deadLetterHandler({
    jobs: new DynamoJobStore(clients.dynamo, tableName),
    images: new S3ImageStore(clients.s3, { bucket: bucketName }),
    telemetry,
  }),
);
