import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClients } from '../../aws/clients.ts';
import { DynamoJobStore } from '../../aws/stores/dynamo-job-store.ts';
import type { Photo } from '../../bench/harness/photos.ts';
import { imageKeyOf } from '../../functions/shared/object-event.ts';
import { median } from '../../infra/scaling/statistics.ts';
import { delivery, sqsEvent } from '../support/aws/emulated-service.ts';
import { distDir, type FunctionProcess, startFunction } from '../support/aws/function-process.ts';
import type { ProcessorShare } from '../support/aws/processor-share.ts';
import { AwsStandIn } from '../support/aws/stand-in.ts';
import { aJob } from '../support/jobs.ts';

export interface FunctionOptions {
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
}

const [singles, batches] = [30, 8];

/** A fresh process of the classify function: its start, its first image, then images one by one and in batches. */
export async function runFunction(options: FunctionOptions): Promise<FunctionRun> {
  const { memoryMb, share, wholeStart, photos, batchSize } = options;
  await using aws = await AwsStandIn.listen();
  const keys = await prepareImages(aws, photos, 1 + singles + batches * batchSize);
  await share.limit(wholeStart ? undefined : memoryMb);
  const started = performance.now();
  const fn = await startFunction('classify', 'main.handler', {
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    ...{ TABLE_NAME: 'jobs', BUCKET_NAME: 'images', MODEL_DIR: join(distDir, 'layer/model') },
    ...{ AWS_ENDPOINT_URL: aws.url, QUEUE_URL: `${aws.url}/queue` },
  });
  try {
    await share.add(fn.pid);
    await fn.api.ready;
    const start = performance.now() - started;
    await share.limit(memoryMb);
    const each = async (times: number, size: number) => {
      const seen: number[] = [];
      for (let index = 0; index < times; index++) seen.push((await invoke(fn, keys.splice(0, size))) / size);
      return median(seen);
    };
    const [first, single, batched] = [
      await each(1, 1),
      await each(singles, 1),
      await each(batches, batchSize),
    ];
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${fn.pid}/status`, 'utf8'))?.[1];
    return { start, first, single, batched, memory: (Number(peak) * 1024) / 1e6 };
  } finally {
    await fn.stop();
  }
}

/** Stores photos and their jobs; resolves to the keys. */
async function prepareImages(aws: AwsStandIn, photos: readonly Photo[], count: number): Promise<string[]> {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  const clients = createClients({ endpoint: aws.url, region: 'us-east-1' });
  const jobs = new DynamoJobStore(clients.dynamo, 'jobs');
  const keys: string[] = [];
  for (let index = 0; index < count; index++) {
    const photo = photos[index % photos.length];
    if (photo === undefined) throw new Error('No photos.');
    const { job } = await jobs.create(aJob({ source: 'presigned' }));
    keys.push(imageKeyOf(job));
    aws.images.set(imageKeyOf(job), photo.bytes);
  }
  clients.dynamo.destroy();
  return keys;
}

async function invoke({ api }: FunctionProcess, keys: readonly string[]): Promise<number> {
  const event = sqsEvent(...keys.map((key) => delivery(key)));
  const { milliseconds, kind, body } = await api.invoke({ event });
  if (kind !== 'response' || `${body}` !== '{"batchItemFailures":[]}')
    throw new Error(`The function did not classify every image: ${kind} ${body}`);
  return milliseconds;
}
