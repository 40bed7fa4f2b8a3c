import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { s3Client } from '../aws/clients.ts';
import { UsageError } from '../functions/shared/usage-error.ts';

const usage = `npm run enable-source -- BUCKET ...

Lets buckets send their events to EventBridge. What else they notify stays as it is.`;

/**
 * Turns EventBridge on for a bucket. The call that configures notifications replaces them all, so what is there is read and sent again.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 * @returns whether anything was changed.
 */
export async function enableSource(client: S3Client, bucket: string): Promise<boolean> {
  const { $metadata: _, ...configured } = await client.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: bucket }),
  );
  if (configured.EventBridgeConfiguration !== undefined) return false;
  const NotificationConfiguration = { ...configured, EventBridgeConfiguration: {} };
  await client.send(
    new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration }),
  );
  return true;
}

async function main(buckets: readonly string[]): Promise<void> {
  if (buckets.length === 0 || buckets.some((name) => name.startsWith('-'))) throw new UsageError(usage);
  const client = s3Client();
  for (const bucket of buckets) {
    const isChanged = await enableSource(client, bucket);
    console.log(
      `${bucket}: ${isChanged ? 'sends its events to EventBridge now' : 'sent its events to EventBridge already'}.`,
    );
  }
}

if (import.meta.main) {
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  });
}
