import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import { createClients } from '../../aws/clients.ts';
import { DynamoJobStore } from '../../aws/stores/dynamo-job-store.ts';
import { after } from '../../functions/shared/job.ts';
import { imageKeyOf, objectCreatedMessage } from '../../functions/shared/object-event.ts';
import { RuntimeApi } from '../../test/support/aws/runtime-api.ts';
import type { Photo } from '../harness/photos.ts';
import { median } from '../harness/statistics.ts';
import type { ProcessorShare } from './processor-share.ts';
import { AwsStandIn } from './stand-in.ts';

export interface FunctionOptions {
  /** Where `npm run build` laid the functions and the layer. */
  readonly dist: string;
  readonly memoryMb: number;
  readonly share: ProcessorShare;
  /** Whether the start has all of the machine, as Lambda's seems to, or the function's share only. */
  readonly wholeStart: boolean;
  readonly photos: readonly Photo[];
  readonly batchSize: number;
}

/** Milliseconds, as Lambda would bill them, and MB. */
export interface FunctionRun {
  readonly start: number;
  readonly first: number;
  /** An image alone in its invocation. */
  readonly single: number;
  /** An image of a batch of `batchSize`. */
  readonly batched: number;
  /** The greatest resident set. */
  readonly memory: number;
  readonly logBytesPerImage: number;
  readonly itemBytes: number;
}

const singles = 30;
const batches = 8;

/** A fresh process of the classify function: its start, its first image, then images one by one and in batches. */
export async function runFunction(options: FunctionOptions): Promise<FunctionRun> {
  const api = new RuntimeApi();
  const runtimeApi = await api.listen();
  const aws = new AwsStandIn();
  await aws.listen();
  if (options.wholeStart) await options.share.lift();
  else await options.share.limit(options.memoryMb);
  const images = await prepareImages(aws, options.photos, 1 + singles + batches * options.batchSize);
  const started = performance.now();
  const child = launch({ runtimeApi, aws: aws.address }, options);
  try {
    await Promise.race([api.ready, failure(child)]);
    const start = performance.now() - started;
    await options.share.limit(options.memoryMb);
    const first = await invoke(api, images.splice(0, 1));
    const single = await measure(api, images, singles, 1);
    const batched = await measure(api, images, batches, options.batchSize);
    const memory = await residentPeak(child);
    const logBytesPerImage = logged(child) / (1 + singles + batches * options.batchSize);
    return { start, first, single, batched, memory, logBytesPerImage, itemBytes: median(aws.itemBytes) };
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    api.close();
    aws.close();
  }
}

/** Where the function finds Lambda's Runtime API, and S3 and DynamoDB: `host:port`. */
interface Addresses {
  readonly runtimeApi: string;
  readonly aws: string;
}

const logSizes = new WeakMap<ChildProcess, number>();

function launch(addresses: Addresses, { dist, memoryMb, share }: FunctionOptions): ChildProcess {
  const command = `echo $$ > ${share.joinFile} && exec "$0" "$1"`;
  const child = spawn('sh', ['-c', command, process.execPath, join(import.meta.dirname, 'bootstrap.mjs')], {
    env: { ...environment, ...placeOf(addresses, dist), AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (chunk: Buffer) => {
    logSizes.set(child, logged(child) + chunk.byteLength);
  });
  return child;
}

function logged(child: ChildProcess): number {
  return logSizes.get(child) ?? 0;
}

const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const environment = {
  ...credentials,
  PATH: process.env.PATH ?? '',
  AWS_LAMBDA_FUNCTION_NAME: 'classify',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  TABLE_NAME: 'jobs',
  BUCKET_NAME: 'images',
};

function placeOf({ runtimeApi, aws }: Addresses, dist: string) {
  const endpoint = `http://${aws}`;
  return {
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_ENDPOINT_URL: endpoint,
    QUEUE_URL: `${endpoint}/queue`,
    LAMBDA_TASK_ROOT: join(dist, 'classify'),
    MODEL_DIR: join(dist, 'layer/model'),
  };
}

/** Stores photos and their jobs; answers with the keys. */
async function prepareImages(aws: AwsStandIn, photos: readonly Photo[], count: number): Promise<string[]> {
  Object.assign(process.env, credentials);
  const clients = createClients({ endpoint: `http://${aws.address}`, region: 'us-east-1' });
  const jobs = new DynamoJobStore(clients.dynamo, 'jobs');
  const keys: string[] = [];
  for (let index = 0; index < count; index++) {
    const [photo, id, createdAt] = [photos[index % photos.length], crypto.randomUUID(), new Date()];
    if (photo === undefined) throw new Error('No photos.');
    const times = { createdAt, deadline: after(createdAt, 3600), expiresAt: after(createdAt, 7200) };
    const { job } = await jobs.create({ id, source: 'presigned', ...times });
    keys.push(imageKeyOf(job));
    aws.images.set(imageKeyOf(job), photo.bytes);
  }
  clients.dynamo.destroy();
  return keys;
}

/** Milliseconds an image. */
async function measure(api: RuntimeApi, keys: string[], times: number, size: number): Promise<number> {
  const each: number[] = [];
  for (let index = 0; index < times; index++) each.push((await invoke(api, keys.splice(0, size))) / size);
  return median(each);
}

async function invoke(api: RuntimeApi, keys: readonly string[]): Promise<number> {
  const { milliseconds, kind, body } = await api.invoke({ event: toEvent(keys) });
  if (kind !== 'response' || `${body}` !== '{"batchItemFailures":[]}')
    throw new Error(`The function did not classify every image: ${kind} ${body}`);
  return milliseconds;
}

function toEvent(keys: readonly string[]): SQSEvent {
  const attributes = {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: 'bench',
    ApproximateFirstReceiveTimestamp: '0',
  };
  const Records = keys.map((key) => ({
    messageId: crypto.randomUUID(),
    receiptHandle: key,
    body: objectCreatedMessage(key),
    attributes,
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:images',
    awsRegion: 'us-east-1',
  }));
  return { Records };
}

async function residentPeak({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}

async function failure(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`The function ended with ${code} before it was ready.`);
}
