import { readEnvironment } from '../../functions/shared/settings.ts';
import { uploadHandler } from '../../functions/upload/handler.ts';
import { createClients } from '../clients.ts';
import { awsSettings } from '../settings.ts';
import { DynamoJobStore } from '../stores/dynamo-job-store.ts';
import { S3ImageStore } from '../stores/s3-image-store.ts';
import { SqsJobQueue } from '../stores/sqs-job-queue.ts';
import { observability } from '../telemetry/observability.ts';

const settings = readEnvironment(awsSettings.omit({ modelDir: true, streaming: true }), process.env);
const { telemetry, instrument, observe } = observability('upload');
const clients = createClients({ instrument });

export const handler = observe(
  uploadHandler({
    jobs: new DynamoJobStore(clients.dynamo, settings.tableName),
    images: new S3ImageStore(clients.s3, { bucket: settings.bucketName }),
    queue: new SqsJobQueue(clients.sqs, settings.queueUrl),
    telemetry,
    settings,
  }),
);
