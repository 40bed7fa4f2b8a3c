import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SendMessageBatchCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backfillBucket, type Stack, type Terminal } from '../../../cli/backfill/bucket.ts';
import { estimateCost } from '../../../cli/backfill/cost.ts';
import { readOptions } from '../../../cli/backfill/options.ts';
import { packParts } from '../../../cli/backfill/parts.ts';
import { patiently } from '../../../cli/backfill/patience.ts';
import { describeObject } from '../../../functions/label/label-object.ts';
import { encodePart, objectsOf, partKey, type RunPart, runPart } from '../../../functions/label/run-part.ts';

const pageSize = 1000;

/** A bucket of so many photos, its labels, and a queue whose messages are handled at once, all in memory. */
class FakeStack {
  readonly s3 = mockClient(S3Client);
  readonly sqs = mockClient(SQSClient);
  /** By key, in the order of keys. */
  photos: string[] = [];
  readonly labels = new Map<string, Uint8Array>();
  readonly sent: RunPart[] = [];
  /** Called before a batch is taken; what it throws, the caller of SQS gets. */
  onSend: (batch: number) => void = () => {};
  #batches = 0;

  constructor(photos: number) {
    this.photos = Array.from({ length: photos }, (_, at) => `2026/${String(at).padStart(7, '0')}.jpg`);
    this.s3.on(ListObjectsV2Command).callsFake((input: ListObjectsV2CommandInput) => this.#list(input));
    this.s3.on(GetObjectCommand).callsFake(({ Key }) => {
      const bytes = this.labels.get(Key);
      return { Body: { transformToByteArray: async () => bytes } };
    });
    this.sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { ApproximateNumberOfMessages: '0' } });
    this.sqs
      .on(SendMessageBatchCommand)
      .callsFake((input: SendMessageBatchCommandInput) => this.#take(input));
  }

  stack(more: Partial<Stack> = {}): Stack {
    const s3 = new S3Client({ region: 'us-east-1' });
    const sqs = new SQSClient({ region: 'us-east-1' });
    return { s3, sqs, bucketName: 'own', dropQueueUrl: 'https://queue', modelDigest: 'model-1', ...more };
  }

  restore(): void {
    this.s3.restore();
    this.sqs.restore();
  }

  #list({ Bucket, Prefix = '', StartAfter = '', ContinuationToken = '' }: ListObjectsV2CommandInput) {
    const keys = Bucket === 'own' ? [...this.labels.keys()].sort() : this.photos;
    const after = ContinuationToken || StartAfter;
    const page: string[] = [];
    let at = keys.findIndex((key) => key > after);
    for (; at >= 0 && at < keys.length && page.length < pageSize; at++) {
      const key = keys[at] ?? '';
      if (key.startsWith(Prefix)) page.push(key);
    }
    const isCut = at >= 0 && at < keys.length;
    return {
      Contents: page.map((Key) => ({ Key, Size: 100_000, ETag: `"${Key}"` })),
      ...(isCut && { NextContinuationToken: page.at(-1) }),
    };
  }

  #take({ Entries = [] }: SendMessageBatchCommandInput) {
    this.onSend(this.#batches++);
    for (const { MessageBody = '' } of Entries) {
      const part = runPart.parse(JSON.parse(MessageBody));
      this.sent.push(part);
      const labelledAt = new Date().toISOString();
      const model = { name: 'model', sha256: 'model-1' };
      const documents = objectsOf(part).map((object) => ({
        object: describeObject(object),
        labelledAt,
        model,
      }));
      this.labels.set(partKey(part), encodePart(documents));
    }
    return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
  }
}

let runsDir: string;
let said: string[];
beforeEach(async () => {
  runsDir = await mkdtemp(join(tmpdir(), 'backfill-'));
  said = [];
});
let fake: FakeStack;
afterEach(async () => {
  fake.restore();
  await rm(runsDir, { recursive: true });
});

const terminal = (more: Partial<Terminal> = {}): Terminal => ({
  say: (line) => void said.push(line),
  stderr: { write: () => {} },
  signal: new AbortController().signal,
  runsDir,
  ...more,
});

function options(...args: string[]) {
  const read = readOptions(args);
  if (read === undefined) throw new Error('The command was called for help.');
  return read;
}

/** Every object that has results, as often as it stands in them. */
const labelled = () => {
  const last = new Map(fake.sent.map((part) => [partKey(part), part]));
  return [...last.values()].flatMap(({ objects }) => objects.map(({ key }) => key)).sort();
};

describe('A backfill of a bucket', () => {
  test('labels 100,000 objects, each once, in few messages', { timeout: 60_000 }, async () => {
    fake = new FakeStack(100_000);
    expect(await backfillBucket(options('s3://photos/2026/', '--yes'), fake.stack(), terminal())).toBe(0);
    expect(labelled()).toEqual(fake.photos);
    expect(fake.sent.length).toBe(2000);
    expect(said.join('\n')).toContain('100,000 images to label, 9.31 GiB');
    expect(said.at(-1)).toMatch(/^100,000 files in .* npm run results -- /);
  });

  test.each([0, 1, 7, 19])(
    'goes on after a crash at batch %i: none is lost, none stands twice',
    async (crash) => {
      fake = new FakeStack(10_000);
      fake.onSend = (batch) => {
        if (batch === crash) throw new Error('The machine was switched off.');
      };
      const run = backfillBucket(options('s3://photos/2026/', '--yes'), fake.stack(), terminal());
      await expect(run).rejects.toThrow('switched off');
      fake.onSend = () => {};
      // What comes meanwhile must not push anything out of its part.
      fake.photos.splice(40, 0, '2026/0000039-new.jpg');
      fake.photos.sort();
      const [file = ''] = await readdir(runsDir);
      expect(await backfillBucket(options('--resume', join(runsDir, file)), fake.stack(), terminal())).toBe(
        0,
      );
      const seen = labelled();
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(
        crash === 0 ? fake.photos.filter((key) => !key.includes('new')) : expect.any(Array),
      );
      const missing = fake.photos.filter((key) => !seen.includes(key) && !key.includes('new'));
      expect(missing).toEqual([]);
    },
  );

  test('leaves out what has labels of this model, and takes it with --again', async () => {
    fake = new FakeStack(120);
    await backfillBucket(options('s3://photos/2026/', '--yes'), fake.stack(), terminal());
    fake.photos.push('2026/new.jpg');
    fake.sent.length = 0;
    await backfillBucket(options('s3://photos/2026/', '--yes'), fake.stack(), terminal());
    expect(labelled()).toEqual(['2026/new.jpg']);
    expect(said.join('\n')).toContain('120 have labels already.');
    fake.sent.length = 0;
    await backfillBucket(options('s3://photos/2026/', '--yes', '--again'), fake.stack(), terminal());
    expect(labelled()).toHaveLength(121);
    fake.sent.length = 0;
    const other = fake.stack({ modelDigest: 'model-2' });
    await backfillBucket(options('s3://photos/2026/', '--yes'), other, terminal());
    expect(labelled()).toHaveLength(121);
  });

  test('sends nothing on a dry run, and no more than a sample where that is asked for', async () => {
    fake = new FakeStack(3000);
    expect(await backfillBucket(options('s3://photos/', '--dry-run'), fake.stack(), terminal())).toBe(0);
    expect(fake.sent).toEqual([]);
    expect(await readdir(runsDir)).toEqual([]);
    await backfillBucket(options('s3://photos/', '--sample', '100', '--yes'), fake.stack(), terminal());
    expect(labelled()).toEqual(fake.photos.slice(0, 100));
  });

  test('asks before it sends, and sends nothing where there is no terminal', async () => {
    fake = new FakeStack(10);
    const run = backfillBucket(options('s3://photos/'), fake.stack(), terminal());
    await expect(run).rejects.toThrow('say --yes to start');
    expect(fake.sent).toEqual([]);
  });

  test('stops on Ctrl-C and says how to go on', async () => {
    fake = new FakeStack(10_000);
    const stopping = new AbortController();
    fake.onSend = (batch) => {
      if (batch === 2) stopping.abort();
    };
    const status = await backfillBucket(
      options('s3://photos/', '--yes'),
      fake.stack(),
      terminal({ signal: stopping.signal }),
    );
    expect(status).toBe(130);
    expect(labelled()).toHaveLength(1500);
    const [, path = ''] = /--resume (\S+)/.exec(said.at(-1) ?? '') ?? [];
    fake.onSend = () => {};
    expect(await backfillBucket(options('--resume', path), fake.stack(), terminal())).toBe(0);
    expect(labelled()).toEqual(fake.photos);
  });
});

describe('The parts of a run', () => {
  beforeEach(() => {
    fake = new FakeStack(0);
  });

  test('hold no more than a message and a function can take', async () => {
    async function* objects() {
      for (let at = 0; at < 200; at++) yield { key: `${'ä'.repeat(505)}${at}.jpg`, size: 1, eTag: 'x' };
      for (let at = 0; at < 10; at++) yield { key: `large-${at}.jpg`, size: 60 * 2 ** 20, eTag: 'x' };
    }
    const parts = await Array.fromAsync(packParts(objects(), { run: 'r', bucket: 'b', firstPart: 5 }));
    for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(25 * 1024);
    expect(parts.slice(-9).map(({ objects: { length } }) => length)).toEqual(Array(9).fill(1));
    expect(parts[0]?.part).toBe('000005');
    expect(parts.flatMap(({ objects: { length } }) => length).reduce((a, b) => a + b)).toBe(210);
  });

  test('cost less than three dollars a million', () => {
    // By hand: 1e6 × (0.0000004 + 0.06 s × 1.7275 GB × 0.0000133334) + 20,000 × (3 × 0.0000004 + 0.0000004 + 0.000005)
    expect(estimateCost(1_000_000)).toBeCloseTo(0.4 + 1.382 + 0.132, 2);
    expect(estimateCost(1_000_000)).toBeLessThan(3);
  });
});

describe('Patience', () => {
  beforeEach(() => {
    fake = new FakeStack(0);
  });

  test.each([
    ['ExpiredTokenException', 'credentials have expired'],
    ['ThrottlingException', 'slow down'],
  ])('waits for as long as it takes where a call meets %s', async (name, words) => {
    const waits: number[] = [];
    let calls = 0;
    const call = async () => {
      if (++calls <= 8) throw Object.assign(new Error(), { name });
      return 'done';
    };
    const wait = async (milliseconds: number) => waits.push(milliseconds);
    expect(await patiently(call, { say: (line) => void said.push(line), wait })).toBe('done');
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1000));
    expect(said[0]).toContain(words);
  });

  test('has none for what a wait does not repair', async () => {
    const denied = Object.assign(new Error(), { name: 'AccessDenied' });
    await expect(patiently(() => Promise.reject(denied))).rejects.toBe(denied);
  });
});

describe('The options of a backfill', () => {
  beforeEach(() => {
    fake = new FakeStack(0);
  });

  test.each([
    [[], 'Name one bucket or folder'],
    [['photos/'], 'A folder needs --labels DIR'],
    [['s3://photos', '--labels', 'x'], '--labels goes with a folder'],
    [['s3://photos', 's3://more'], 'Name one bucket or folder, not 2'],
    [['s3://photos', '--rate', '0'], '--rate must be a whole number'],
  ])('that are wrong say so: %j', (args, words) => {
    expect(() => readOptions(args)).toThrow(words);
  });
});
