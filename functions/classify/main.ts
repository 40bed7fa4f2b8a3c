import { createClients } from '../shared/aws/clients.ts';
import { DynamoJobStore } from '../shared/aws/dynamo-job-store.ts';
import { observability } from '../shared/aws/observability.ts';
import { S3ImageStore } from '../shared/aws/s3-image-store.ts';
import { awsSettings } from '../shared/aws/settings.ts';
import { SqsJobQueue } from '../shared/aws/sqs-job-queue.ts';
import { readEnvironment } from '../shared/settings.ts';
import { openClassifier } from './classifier.ts';
import { classifyHandler } from './handler.ts';

const settings = readEnvironment(awsSettings.omit({ streaming: true }), process.env);
const { telemetry, instrument, observe } = observability('classify');
const clients = createClients({ instrument });

export const handler = observe(
  classifyHandler({
    jobs: new DynamoJobStore(clients.dynamo, settings.tableName),
    images: new S3ImageStore(clients.s3, {
      bucket: settings.bucketName,
      maxBytes: settings.uploadedImageBytes,
    }),
    queue: new SqsJobQueue(clients.sqs, settings.queueUrl),
    // While a function starts it has a whole processor, whatever its memory buys later.
    classifier: await openClassifier(settings.modelDir),
    telemetry,
    settings,
  }),
);
