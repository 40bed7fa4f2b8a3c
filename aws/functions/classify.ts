import { classifyHandler } from '../../functions/classify/handler.ts';
import { imageLimits, limits } from '../../functions/shared/limits.ts';
import { readEnvironment } from '../../functions/shared/settings.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { createClients } from '../clients.ts';
import { awsSettings } from '../settings.ts';
import { DynamoJobStore } from '../stores/dynamo-job-store.ts';
import { S3ImageStore } from '../stores/s3-image-store.ts';
import { SqsJobQueue } from '../stores/sqs-job-queue.ts';
import { observability } from '../telemetry/observability.ts';

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
    classifier: await openClassifier(settings.modelDir, {
      limits: imageLimits,
      keptPredictions: limits.keptPredictions,
      decodeTimeoutSeconds: limits.decodeSeconds,
    }),
    telemetry,
    settings,
  }),
);
