import { deadLetterHandler } from '../../functions/dead-letter/handler.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { createClients } from '../clients.ts';
import { awsSettings } from '../settings.ts';
import { DynamoJobStore } from '../stores/dynamo-job-store.ts';
import { S3ImageStore } from '../stores/s3-image-store.ts';
import { observability } from '../telemetry/observability.ts';

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
