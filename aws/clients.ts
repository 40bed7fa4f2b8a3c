import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface AwsClients {
  readonly dynamo: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
}

export type Instrument = <Client extends S3Client | SQSClient | DynamoDBClient>(client: Client) => Client;

export interface ClientOptions {
  /** Of an emulator. The SDK reads `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_S3` by itself where nothing is given. */
  readonly endpoint?: string;
  readonly region?: string;
  /** What to wrap each client in, for tracing. */
  readonly instrument?: Instrument;
}

/** Milliseconds. A call within the region answers in a few; one that hangs must leave time for the tries after it. */
const timeouts = { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true } as const;
/** An image of 25 MiB takes longer; its body has a limit of its own in `S3ImageStore`. */
const storageTimeouts = { ...timeouts, requestTimeout: 10_000, socketTimeout: 5000 } as const;

/**
 * The clients, made once per process so that connections are kept open (the SDK's default since version 3).
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function createClients(
  { endpoint, region, instrument = (client) => client }: ClientOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): AwsClients {
  const common = {
    maxAttempts: 4,
    retryMode: 'standard',
    ...(endpoint && { endpoint }),
    ...(region && { region }),
  } as const;
  const emulated = (service: 'S3' | 'SQS') =>
    Boolean(endpoint ?? environment[`AWS_ENDPOINT_URL_${service}`] ?? environment.AWS_ENDPOINT_URL);
  const dynamo = instrument(new DynamoDBClient({ ...common, requestHandler: timeouts }));
  return {
    dynamo: DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } }),
    // Emulators answer on one address, without a subdomain for each bucket.
    s3: instrument(
      new S3Client({ ...common, requestHandler: storageTimeouts, forcePathStyle: emulated('S3') }),
    ),
    // Their queues' addresses may hold where others see them.
    sqs: instrument(
      new SQSClient({ ...common, requestHandler: timeouts, useQueueUrlAsEndpoint: !emulated('SQS') }),
    ),
  };
}
