import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { redrive } from '../../../aws/redrive.ts';
import { classifyHandler } from '../../../functions/classify/handler.ts';
import { imageKeyOf, storedObjects } from '../../../functions/shared/object-event.ts';
import {
  delivery,
  type EmulatedService,
  emulatedService,
  fakeClassifier,
  sqsEvent,
} from '../../support/aws/emulated-service.ts';
import { context } from '../../support/aws/events.ts';
import { aJob, failing, inSeconds, starting, succeeding } from '../../support/jobs.ts';

let service: EmulatedService;
let said: string[];
beforeAll(async () => {
  service = await emulatedService();
});
afterAll(() => service.close());
beforeEach(() => {
  said = [];
});

const run = (...args: string[]) => redrive(args, { ...service, say: (line) => void said.push(line) });

async function failed(source: 'inline' | 'presigned' = 'inline', at = new Date()) {
  const submitted = await service.submit('a picture', source);
  await service.jobs.transition(submitted.id, failing('gave_up', at));
  return submitted;
}

/** Takes what is in the queue. */
async function messages(): Promise<string[]> {
  const bodies: string[] = [];
  while (true) {
    const received = await service.queue.receive({ max: 10, waitSeconds: 0 });
    if (received.length === 0) return bodies.sort();
    bodies.push(...received.map(({ body }) => body));
    for (const { receiptHandle } of received) await service.queue.delete(receiptHandle);
  }
}

const keysIn = (sent: readonly string[]) => sent.flatMap((body) => storedObjects(body).map(({ key }) => key));

describe('by id', () => {
  test('a failed job is sent again, and succeeds once the fault is repaired', async () => {
    const [one, two] = [await failed('inline'), await failed('presigned')];
    expect(await run(one.id, two.id)).toBe(2);
    const sent = await messages();
    expect(keysIn(sent).sort()).toEqual([one.key, two.key].sort());
    const handler = classifyHandler({ ...service, classifier: fakeClassifier().classifier });
    await handler(sqsEvent(...sent.map((body) => ({ body }))), context());
    for (const { id } of [one, two]) {
      expect(await service.jobs.read(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    }
  });

  test('a job that was given up has five tries again, even where the clock here is slow', async () => {
    const { id, key } = await service.submit('a picture', 'inline');
    for (let tries = 0; tries < 5; tries++) await service.jobs.transition(id, starting());
    await service.jobs.transition(id, failing('gave_up', inSeconds(60)));
    const late = sqsEvent(delivery(key, { receives: 6 }));
    const handler = classifyHandler({ ...service, classifier: fakeClassifier().classifier });
    expect(await handler(late, context())).toEqual({ batchItemFailures: [] });
    expect(await service.jobs.read(id)).toMatchObject({ status: 'failed', attempts: 5 });
    expect(await run(id)).toBe(1);
    await handler(sqsEvent(...(await messages()).map((body) => ({ body }))), context());
    expect(await service.jobs.read(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  test('what cannot be sent is left, and the reason said', async () => {
    const succeeded = await service.submit('a picture');
    await service.jobs.transition(succeeded.id, succeeding());
    const imageless = await failed();
    await service.images.delete(imageless.key);
    const { job: old } = await service.jobs.create(aJob({ createdAt: inSeconds(-90_000) }));
    await service.jobs.transition(old.id, failing());
    const unknown = randomUUID();
    expect(await run(succeeded.id, imageless.id, old.id, unknown)).toBe(0);
    expect(said).toEqual([
      '0 of 4 jobs will be sent again.',
      `  leave ${succeeded.id}  it is succeeded, not failed`,
      `  leave ${imageless.id}  its image is no longer in storage`,
      `  leave ${old.id}  it was kept until ${old.expiresAt}`,
      `  leave ${unknown}  there is no such job`,
      '0 sent.',
    ]);
    expect(await messages()).toEqual([]);
  });

  test('what it will do is said before anything is sent', async () => {
    const { id } = await failed();
    const order: string[] = [];
    const queue = { send: async () => void order.push('sent') };
    await redrive([id], { ...service, queue, say: (line) => void order.push(line) });
    expect(order[0]).toBe('1 of 1 jobs will be sent again.');
    expect(order[1]).toContain(`send  ${id}  failed `);
    expect(order.slice(2)).toEqual(['sent', '1 sent.']);
  });

  test('a dry run says it and sends nothing', async () => {
    const { id } = await failed();
    expect(await run('--dry-run', id)).toBe(0);
    expect(said[0]).toBe('1 of 1 jobs will be sent again.');
    expect(await messages()).toEqual([]);
  });
});

describe('since a time', () => {
  const since = inSeconds(-1800);
  const sending = () => said.filter((line) => line.startsWith('  send')).map((line) => line.split('  ')[2]);

  test('all that failed since then is chosen, and nothing else', async () => {
    const before = await failed('inline', inSeconds(-3600));
    const after = await Promise.all(Array.from({ length: 30 }, () => failed('inline', inSeconds(-60))));
    const repaired = await failed('inline', inSeconds(-60));
    await service.jobs.transition(repaired.id, succeeding());
    await service.submit('still waiting');
    await run('--dry-run', '--since', since.toISOString());
    expect(sending()).toEqual(expect.arrayContaining(after.map(({ id }) => id)));
    for (const { id } of [before, repaired]) expect(said.join()).not.toContain(id);
    expect(said[0]).toContain('--lost');
  });

  test('jobs that read as lost are added on request', async () => {
    const { job: lost } = await service.jobs.create(aJob({ deadline: inSeconds(-60) }));
    await service.images.put(imageKeyOf(lost), Buffer.from('a picture'));
    const { id: failedToo } = await failed();
    const started = await service.submit('a picture');
    await service.jobs.transition(started.id, starting());
    const { job: expired } = await service.jobs.create(
      aJob({ source: 'presigned', deadline: inSeconds(-60) }),
    );
    await run('--dry-run', '--since', since.toISOString());
    expect(sending()).not.toContain(lost.id);
    await run('--dry-run', '--since', since.toISOString(), '--lost');
    expect(sending()).toEqual(expect.arrayContaining([lost.id, failedToo]));
    for (const { id } of [started, expired]) expect(sending()).not.toContain(id);
  });

  test('a time may have an offset, and leave out the seconds', async () => {
    await run('--dry-run', '--since', '2126-11-23T06:00Z');
    await run('--dry-run', '--since', '2126-11-23T06:00:00+02:00');
    expect(said.filter((line) => line.startsWith('0 of 0'))).toHaveLength(2);
  });
});

describe('arguments', () => {
  test.each([
    [[], 'Usage: npm run redrive'],
    [['not-an-id'], 'Expected a job\'s id but received "not-an-id".'],
    [['--since', 'yesterday'], 'for --since but received "yesterday".'],
    [['--since', '2026-11-23T06:00Z', randomUUID()], 'Usage: npm run redrive'],
    [['--lost', randomUUID()], 'Usage: npm run redrive'],
    [['--all'], "Unknown option '--all'"],
  ])('%j are refused with what would be right', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });

  test('as a command it says which settings it needs', async () => {
    const script = new URL('../../../aws/redrive.ts', import.meta.url).pathname;
    const env = { PATH: process.env.PATH, BUCKET_NAME: 'images' };
    const command = promisify(execFile)(process.execPath, [script, randomUUID()], { env });
    await expect(command).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('TABLE_NAME') });
  });
});
