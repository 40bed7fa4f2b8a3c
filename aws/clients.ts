import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface AwsClients {
  readonly dynamo: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
}

export interface ClientOptions {
  /** Of an emulator; default: what the SDK reads from `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_S3`. */
  readonly endpoint?: string;
  readonly region?: string;
}

/** Milliseconds. A call within the region takes a few; one that hangs must leave time for retries. */
const timeouts = { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true } as const;
/** An image of 25 MiB takes longer. `S3ImageStore` limits the time for its body. */
const storageTimeouts = { ...timeouts, requestTimeout: 10_000, socketTimeout: 5000 } as const;

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
function common({ endpoint, region }: ClientOptions) {
  const places = { ...(endpoint && { endpoint }), ...(region && { region }) };
  return { maxAttempts: 4, retryMode: 'standard', ...places } as const;
}

function isEmulated(service: 'S3' | 'SQS', { endpoint }: ClientOptions): boolean {
  return Boolean(endpoint ?? process.env[`AWS_ENDPOINT_URL_${service}`] ?? process.env.AWS_ENDPOINT_URL);
}

export function dynamoClient(options: ClientOptions = {}): DynamoDBDocumentClient {
  const dynamo = new DynamoDBClient({ ...common(options), requestHandler: timeouts });
  return DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } });
}

export function s3Client(options: ClientOptions = {}): S3Client {
  // Emulators have one address, without a subdomain for each bucket.
  const forcePathStyle = isEmulated('S3', options);
  return new S3Client({ ...common(options), requestHandler: storageTimeouts, forcePathStyle });
}

export function sqsClient(options: ClientOptions = {}): SQSClient {
  // An emulator may return a queue address that only works on its own host.
  const useQueueUrlAsEndpoint = !isEmulated('SQS', options);
  return new SQSClient({ ...common(options), requestHandler: timeouts, useQueueUrlAsEndpoint });
}

export function eventBridgeClient(options: ClientOptions = {}): EventBridgeClient {
  return new EventBridgeClient({ ...common(options), requestHandler: timeouts });
}

/** All clients. Make them once per process: each keeps its connections open. */
export function createClients(options: ClientOptions = {}): AwsClients {
  return { dynamo: dynamoClient(options), s3: s3Client(options), sqs: sqsClient(options) };
}
