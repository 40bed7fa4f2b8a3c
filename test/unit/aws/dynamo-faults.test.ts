import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClients } from '../../../aws/clients.ts';
import { DynamoJobStore } from '../../../aws/stores/dynamo-job-store.ts';
import { toItem } from '../../../aws/stores/table.ts';
import { newJob } from '../../../functions/shared/job.ts';
import { type Emulated, emulatedTable } from '../../support/aws/emulators.ts';
import { crashed, type Fault, injectFaults, lost, throttled } from '../../support/aws/faults.ts';
import { aJob, aKey, failing, starting, succeeding } from '../../support/jobs.ts';

let table: Emulated<string>;
beforeAll(async () => {
  table = await emulatedTable();
});
afterAll(() => table.close());

const reliable = () => new DynamoJobStore(table.clients.dynamo, table.resource);

/** A store on the same table whose calls fail as told. */
function storeWith(fault: (call: string, tries: number) => Fault | undefined) {
  const { dynamo } = createClients({ endpoint: table.endpoint, region: 'us-east-1' });
  return { jobs: new DynamoJobStore(dynamo, table.resource), tries: injectFaults(dynamo, fault) };
}

const first = (name: string, fault: Fault) => (call: string, tries: number) =>
  call === name && tries === 1 ? fault : undefined;

describe('the end of a try', () => {
  test('is written without reading the job again', async () => {
    const { job } = await reliable().create(aJob());
    const { jobs, tries } = storeWith(() => undefined);
    await jobs.transition(job.id, starting());
    const { applied } = await jobs.transition(job.id, succeeding());
    expect(applied).toBe(true);
    expect(tries).toEqual(['Get', 'Put', 'Put']);
    expect(await reliable().read(job.id)).toMatchObject({ status: 'succeeded', version: 3 });
  });

  test('respects what others have written since the try began', async () => {
    const { jobs } = storeWith(() => undefined);
    const { job: ended } = await reliable().create(aJob());
    await jobs.transition(ended.id, starting());
    await reliable().transition(ended.id, succeeding());
    expect(await jobs.transition(ended.id, failing())).toMatchObject({
      applied: false,
      job: { status: 'succeeded', version: 3 },
    });
    const { job: deleted } = await reliable().create(aJob());
    await jobs.transition(deleted.id, starting());
    await reliable().delete(deleted.id);
    expect(await jobs.transition(deleted.id, succeeding())).toEqual({ applied: false, job: undefined });
    expect(await reliable().read(deleted.id)).toBeUndefined();
  });

  test('is reported as written where the answer to its write is lost', async () => {
    const { job } = await reliable().create(aJob());
    const { jobs } = storeWith((call, count) =>
      call === 'Put' && count === 2 ? { when: 'after', error: lost() } : undefined,
    );
    await jobs.transition(job.id, starting());
    expect(await jobs.transition(job.id, succeeding())).toMatchObject({ applied: true });
    expect(await reliable().read(job.id)).toMatchObject({ status: 'succeeded', version: 3 });
  });
});

describe('throttled', () => {
  // The SDK waits a random time before it tries again.
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
  afterEach(() => void vi.restoreAllMocks());

  test('a call that is throttled twice is tried again, and goes through', async () => {
    const { jobs, tries } = storeWith((_, count) =>
      count <= 2 ? { when: 'before', error: throttled() } : undefined,
    );
    const { created, job } = await jobs.create(aJob());
    expect(created).toBe(true);
    expect(tries).toEqual(['Put', 'Put', 'Put']);
    expect(await reliable().read(job.id)).toEqual(job);
  });

  test('a call that is throttled without end fails, and changes nothing', async () => {
    const { job } = await reliable().create(aJob());
    const { jobs, tries } = storeWith((call) =>
      call === 'Put' ? { when: 'before', error: throttled() } : undefined,
    );
    await expect(jobs.transition(job.id, starting())).rejects.toThrow('Rate exceeded');
    expect(tries.filter((call) => call === 'Put')).toHaveLength(4);
    expect(await reliable().read(job.id)).toEqual(job);
  });
});

describe('when the answer to a write that was carried out is lost', () => {
  test('a new job is reported as created', async () => {
    const { jobs, tries } = storeWith(first('Put', { when: 'after', error: lost() }));
    const fields = aJob();
    expect(await jobs.create(fields)).toEqual({ created: true, job: newJob(fields) });
    expect(tries).toEqual(['Put', 'Put', 'Get']);
  });

  test('a claimed idempotency key is known as our own', async () => {
    const { jobs } = storeWith(first('Put', { when: 'after', error: lost() }));
    const fields = aJob();
    expect(await jobs.create(fields, aKey())).toEqual({ created: true, job: newJob(fields) });
  });

  test('a transition is reported as applied, and is applied once', async () => {
    const { job } = await reliable().create(aJob());
    const { jobs } = storeWith(first('Put', { when: 'after', error: lost() }));
    const result = await jobs.transition(job.id, starting());
    expect(result).toMatchObject({ applied: true, job: { version: 2, attempts: 1 } });
    expect(await reliable().read(job.id)).toEqual(result.job);
  });

  test('of two equal transitions only one is reported as applied, though the first try of one got lost on its way', async () => {
    const { job } = await reliable().create(aJob());
    await reliable().transition(job.id, starting());
    const { jobs } = storeWith(first('Put', { when: 'before', error: lost() }));
    const at = new Date();
    const [mine, other] = await Promise.all([
      jobs.transition(job.id, failing('gave_up', at)),
      reliable().transition(job.id, failing('gave_up', at)),
    ]);
    expect([mine.applied, other.applied].filter(Boolean)).toHaveLength(1);
    expect(await reliable().read(job.id)).toMatchObject({ version: 3 });
  });

  test('a delete still answers with the job it removed', async () => {
    const { job } = await reliable().create(aJob(), aKey());
    const { jobs } = storeWith((call, tries) =>
      call === 'Delete' && tries % 2 === 1 ? { when: 'after', error: lost() } : undefined,
    );
    expect(await jobs.delete(job.id)).toEqual(job);
    expect(await reliable().read(job.id)).toBeUndefined();
  });
});

describe('when a crash comes', () => {
  test('between key and job, a repeat makes the job the key leads to', async () => {
    const [key, fields] = [aKey(), aJob()];
    const { jobs } = storeWith((call, tries) =>
      call === 'Put' && tries === 2 ? { when: 'before', error: crashed() } : undefined,
    );
    await expect(jobs.create(fields, key)).rejects.toThrow('the process died here');
    expect(await reliable().read(fields.id)).toBeUndefined();
    const repeats = await Promise.all([1, 2, 3].map(() => reliable().create(aJob(), key)));
    expect(repeats.map(({ job }) => job.id)).toEqual([fields.id, fields.id, fields.id]);
    expect(repeats.filter(({ created }) => created)).toHaveLength(1);
    await expect(reliable().create(aJob(), { ...key, request: 'another' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  test('while a job is deleted, it can be deleted again, and its key is free', async () => {
    const key = aKey();
    const { job } = await reliable().create(aJob(), key);
    const { jobs } = storeWith((call, tries) =>
      call === 'Delete' && tries === 2 ? { when: 'before', error: crashed() } : undefined,
    );
    await expect(jobs.delete(job.id)).rejects.toThrow('the process died here');
    const next = await reliable().create(aJob(), key);
    expect(next.created).toBe(true);
    expect(await reliable().delete(job.id)).toEqual(job);
    expect(await reliable().create(aJob(), key)).toEqual({ created: false, job: next.job });
  });
});

describe('in conflict', () => {
  const conflict = () => new ConditionalCheckFailedException({ message: 'conflict', $metadata: {} });
  const row = () => ({ Item: toItem({ job: newJob(aJob()), mark: 'another' }) });
  const mocked = () => {
    const client = createClients({ region: 'us-east-1' }).dynamo;
    return { mock: mockClient(client), jobs: new DynamoJobStore(client, 'jobs') };
  };

  test('a transition reads the job again and is applied to what it finds', async () => {
    const { mock, jobs } = mocked();
    mock.on(GetCommand).resolves(row()).on(PutCommand).rejectsOnce(conflict()).resolves({});
    const { Item } = row();
    expect(await jobs.transition(String(Item.id), starting())).toMatchObject({ applied: true });
    expect(mock.commandCalls(GetCommand)).toHaveLength(2);
  });

  test('without end, it gives up with an error rather than trying for ever', async () => {
    const { mock, jobs } = mocked();
    mock.on(GetCommand).resolves(row()).on(PutCommand).rejects(conflict());
    await expect(jobs.transition('id', starting())).rejects.toThrow('changed by others 20 times');
  });

  test('every read is consistent', async () => {
    const { mock, jobs } = mocked();
    mock.on(GetCommand).resolves(row()).on(PutCommand).resolves({});
    await jobs.read('id');
    await jobs.transition('id', starting());
    for (const { args } of mock.commandCalls(GetCommand)) expect(args[0].input.ConsistentRead).toBe(true);
  });
});

test('a row tells DynamoDB when to forget it: a week after the job is no longer kept, in seconds', () => {
  const expiresAt = new Date('2026-11-24T00:00:00.500Z');
  const { ttl } = toItem({ job: newJob(aJob({ expiresAt })), mark: 'm' });
  expect(ttl).toBe(Date.parse('2026-12-01T00:00:00Z') / 1000);
});
