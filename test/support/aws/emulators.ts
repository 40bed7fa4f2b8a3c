import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { CreateTableCommand, DeleteTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, DeleteBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import dynalite from 'dynalite';
import { buildApp } from 'fauxqs';
import { type AwsClients, createClients } from '../../../aws/clients.ts';
import { failedJobsIndex, jobTable } from '../../../aws/stores/table.ts';
import type { FormLeniency } from '../../contract/upload-form-suite.ts';

/** The address of an emulator to use instead of those in this process, such as `http://127.0.0.1:4566`. */
/** With `CONTRACT_EMULATOR=aws` there is no emulator: the SDK finds AWS itself, by the environment's credentials and region. */
const inAws = process.env.CONTRACT_EMULATOR === 'aws';
export const contractEndpoint = inAws ? '' : process.env.CONTRACT_ENDPOINT;

/** What an emulator takes that S3 refuses: the tests of it run elsewhere. Looked up in their sources, and measured. */
const formLeniencies = {
  ministack: ['signature'],
  localstack: ['signature', 'unknown field'],
  aws: [],
} as const satisfies Record<string, readonly FormLeniency[]>;

/** Which of them is behind the address: `CONTRACT_EMULATOR`. */
export const contractLeniencies: readonly FormLeniency[] =
  formLeniencies[inAws ? 'aws' : process.env.CONTRACT_EMULATOR === 'localstack' ? 'localstack' : 'ministack'];

const region = (inAws && process.env.AWS_REGION) || 'us-east-1';
if (!inAws) {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
}

/** A table, queue or bucket of a test's own. */
export interface Emulated<Resource> {
  readonly clients: AwsClients;
  readonly endpoint: string;
  readonly resource: Resource;
  close(): Promise<void>;
}

interface Emulator {
  readonly endpoint: string;
  close(): Promise<void>;
}

export async function emulatedTable(): Promise<Emulated<string>> {
  const { endpoint, close } = await emulator(startDynalite);
  const clients = createClients({ endpoint, region });
  const table = `jobs-${randomUUID()}`;
  const { partitionKey } = jobTable;
  const index = failedJobsIndex;
  await clients.dynamo.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
      AttributeDefinitions: [partitionKey, index.partitionKey, index.sortKey].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: index.name,
          KeySchema: [
            { AttributeName: index.partitionKey, KeyType: 'HASH' },
            { AttributeName: index.sortKey, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  await waitUntilTableExists({ client: clients.dynamo, maxWaitTime: 30, minDelay: 1 }, { TableName: table });
  const drop = () => clients.dynamo.send(new DeleteTableCommand({ TableName: table }));
  return { clients, endpoint, resource: table, close: () => release(clients, drop, close) };
}

export interface EmulatedQueues {
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
}

export async function emulatedQueues(options: {
  visibilitySeconds: number;
  maxReceives: number;
}): Promise<Emulated<EmulatedQueues>> {
  const { endpoint, close } = await emulator(startFauxqs);
  const clients = createClients({ endpoint, region });
  const deadLetterUrl = await createQueue(clients, {});
  const deadLetterTargetArn = await arnOf(clients, deadLetterUrl);
  const queueUrl = await createQueue(clients, {
    VisibilityTimeout: String(options.visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: options.maxReceives }),
  });
  const drop = async () => {
    for (const QueueUrl of [queueUrl, deadLetterUrl])
      await clients.sqs.send(new DeleteQueueCommand({ QueueUrl }));
  };
  return {
    clients,
    endpoint,
    resource: { queueUrl, deadLetterUrl },
    close: () => release(clients, drop, close),
  };
}

/** What is in the bucket at the end stays behind: emulators are thrown away. */
export async function emulatedBucket(): Promise<Emulated<string>> {
  const { endpoint, close } = await emulator(startFauxqs);
  const clients = createClients({ endpoint, region });
  const bucket = `images-${randomUUID()}`;
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const drop = () => clients.s3.send(new DeleteBucketCommand({ Bucket: bucket })).catch(() => {});
  return { clients, endpoint, resource: bucket, close: () => release(clients, drop, close) };
}

async function release(clients: AwsClients, drop: () => Promise<unknown>, close: () => Promise<void>) {
  await drop();
  for (const client of [clients.dynamo, clients.s3, clients.sqs]) client.destroy();
  await close();
}

async function emulator(start: () => Promise<Emulator>): Promise<Emulator> {
  return contractEndpoint === undefined ? start() : { endpoint: contractEndpoint, close: async () => {} };
}

async function startDynalite(): Promise<Emulator> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { endpoint: `http://127.0.0.1:${portOf(server)}`, close: async () => void server.close() };
}

async function startFauxqs(): Promise<Emulator> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  return { endpoint, close: async () => void (await app.close()) };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

async function createQueue({ sqs }: AwsClients, Attributes: Record<string, string>): Promise<string> {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: `images-${randomUUID()}`, Attributes }),
  );
  return required(QueueUrl);
}

async function arnOf({ sqs }: AwsClients, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return required(Attributes?.QueueArn);
}

function required(value: string | undefined): string {
  if (value === undefined) throw new Error('The emulator left out what it must answer.');
  return value;
}
