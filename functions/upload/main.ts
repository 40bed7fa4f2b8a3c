import { createClients } from '../shared/aws/clients.ts';
import { DynamoJobStore } from '../shared/aws/dynamo-job-store.ts';
import { observability } from '../shared/aws/observability.ts';
import { S3ImageStore } from '../shared/aws/s3-image-store.ts';
import { awsSettings } from '../shared/aws/settings.ts';
import { SqsJobQueue } from '../shared/aws/sqs-job-queue.ts';
import { readEnvironment } from '../shared/settings.ts';
import { uploadHandler } from './handler.ts';

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
