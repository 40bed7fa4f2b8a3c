import { readEnvironment } from '../functions/shared/settings.ts';
import { dynamoClient, s3Client, sqsClient } from './clients.ts';
import type { Runtime } from './compose.ts';
import { awsSettings } from './settings.ts';
import { DynamoJobStore } from './stores/dynamo-job-store.ts';
import { S3ImageStore } from './stores/s3-image-store.ts';
import { SqsJobQueue } from './stores/sqs-job-queue.ts';

// One function for each port, so that the bundle of a Lambda function holds only the clients that it uses.

export function jobs(): DynamoJobStore {
  const { tableName } = readEnvironment(awsSettings.pick({ tableName: true }), process.env);
  return new DynamoJobStore(dynamoClient(), tableName);
}

export function images({ settings }: Runtime): S3ImageStore {
  const { bucketName: bucket } = readEnvironment(awsSettings.pick({ bucketName: true }), process.env);
  return new S3ImageStore(s3Client(), { bucket, maxBytes: settings.uploadedImageBytes });
}

export function queue(): SqsJobQueue {
  const { queueUrl } = readEnvironment(awsSettings.pick({ queueUrl: true }), process.env);
  return new SqsJobQueue(sqsClient(), queueUrl);
}
