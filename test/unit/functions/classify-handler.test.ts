import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classifyHandler } from '../../../functions/classify/handler.ts';
import { jobAsOf, type Transition } from '../../../functions/shared/job.ts';
import { limits } from '../../../functions/shared/limits.ts';
import { imageKeyOf, objectCreatedMessage } from '../../../functions/shared/object-event.ts';
import { ImageError } from '../../../layers/model/run/errors.ts';
import {
  type Delivery,
  delivery,
  type EmulatedService,
  emulatedService,
  fakeClassifier,
  sqsEvent,
} from '../../support/aws/emulated-service.ts';
import { context } from '../../support/aws/events.ts';
import { aJob, inSeconds, starting, succeeding } from '../../support/jobs.ts';

let service: EmulatedService;
beforeAll(async () => {
  service = await emulatedService();
});
afterAll(() => service.close());

async function classify(
  deliveries: Delivery[],
  { classifier } = fakeClassifier(),
  remainingMilliseconds = 30_000,
) {
  const handler = classifyHandler({ ...service, classifier });
  const { batchItemFailures } = await handler(sqsEvent(...deliveries), context(remainingMilliseconds));
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

const damaged = () => {
  throw new ImageError('corrupt_image', 'The image is damaged.');
};
const faulty = () => {
  throw new Error('out of memory');
};

describe('messages', () => {
  test('an image is classified and its result written', async () => {
    const { id, key } = await service.submit('a picture');
    expect(await classify([delivery(key)])).toEqual([]);
    expect(await service.jobs.read(id)).toMatchObject({
      status: 'succeeded',
      version: 3,
      attempts: 1,
      image: { bytes: 9 },
      model: { name: 'mobilenet_v2' },
    });
  });

  test("S3's test event is done with, and nothing happens", async () => {
    const body = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'images' });
    const fake = fakeClassifier();
    expect(await classify([{ body }], fake)).toEqual([]);
    expect(fake.seen).toEqual([]);
  });

  test('keys arrive as in a URL', async () => {
    const { id, key } = await service.submit('a picture');
    const body = objectCreatedMessage(key).replace('uploads/', 'uploads%2F').replace('-', '%2D');
    expect(await classify([{ body }])).toEqual([]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'succeeded' });
  });

  test('a message may speak of several images', async () => {
    const submitted = [await service.submit('one'), await service.submit('two', 'inline')];
    const records = submitted.flatMap(({ key }) => JSON.parse(objectCreatedMessage(key)).Records);
    const fake = fakeClassifier();
    expect(await classify([{ body: JSON.stringify({ Records: records }) }], fake)).toEqual([]);
    expect(fake.seen).toEqual(['one', 'two']);
    for (const { id } of submitted) expect((await service.jobs.read(id))?.status).toBe('succeeded');
  });

  test.each([
    ['another prefix', 'thumbnails/3f0c5f66-3e5e-4f6e-9a58-0d3d2c3f9d10'],
    ['a name that is no id', 'uploads/holiday.jpg'],
    ['a folder more', 'uploads/2026/3f0c5f66-3e5e-4f6e-9a58-0d3d2c3f9d10'],
    ['a key that cannot be decoded', 'uploads/%E0%A4%A'],
  ])('an object under %s is none of ours: left alone', async (_, key) => {
    const fake = fakeClassifier();
    const body = JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3: { object: { key } } }] });
    expect(await classify([{ body }], fake)).toEqual([]);
    expect(fake.seen).toEqual([]);
  });

  test("the time a client took before it uploaded is no part of the image's own", async () => {
    const { job } = await service.jobs.create(aJob({ source: 'presigned', createdAt: inSeconds(-600) }));
    await service.images.put(imageKeyOf(job), Buffer.from('a picture'));
    const measured = new Map<string, number>();
    const telemetry = {
      ...service.telemetry,
      milliseconds: (name: string, value: number) => void measured.set(name, value),
      forJob: () => telemetry,
    };
    const handler = classifyHandler({ ...service, telemetry, ...fakeClassifier() });
    const body = objectCreatedMessage(imageKeyOf(job), inSeconds(-2));
    await handler(sqsEvent({ body }), context());
    expect(measured.get('CreatedToEnded')).toBeGreaterThanOrEqual(600_000);
    expect(measured.get('StoredToEnded')).toBeGreaterThanOrEqual(2000);
    expect(measured.get('StoredToEnded')).toBeLessThan(60_000);
  });

  test('an object that was removed is no image that came', async () => {
    const { id, key } = await service.submit('a picture');
    const body = objectCreatedMessage(key).replace('ObjectCreated:Put', 'ObjectRemoved:Delete');
    expect(await classify([{ body }])).toEqual([]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'pending' });
  });

  test('an unreadable message comes again, and each time it is counted and its content logged', async () => {
    const counted: string[] = [];
    const logged: unknown[] = [];
    const telemetry = {
      ...service.telemetry,
      count: (name: string) => void counted.push(name),
      warn: (_: string, fields: unknown) => void logged.push(fields),
    };
    const handler = classifyHandler({ ...service, telemetry, ...fakeClassifier() });
    const event = sqsEvent({ body: 'not JSON', messageId: 'broken' });
    expect(await handler(event, context())).toEqual({ batchItemFailures: [{ itemIdentifier: 'broken' }] });
    expect(counted).toEqual(['MessagesUnreadable']);
    expect(logged).toContainEqual({ messageId: 'broken', body: 'not JSON' });
  });
});

describe('a job', () => {
  test('that is delivered again keeps its first result', async () => {
    const { id, key } = await service.submit('a picture');
    expect(await classify([delivery(key), delivery(key)])).toEqual([]);
    const job = await service.jobs.read(id);
    expect(await classify([delivery(key)])).toEqual([]);
    expect(await service.jobs.read(id)).toEqual(job);
  });

  test('that two functions have at once ends once, with one result', async () => {
    const { id, key } = await service.submit('a picture');
    expect(await Promise.all([classify([delivery(key)]), classify([delivery(key)])])).toEqual([[], []]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'succeeded' });
  });

  test('that is gone takes its image with it', async () => {
    const { id, key } = await service.submit('a picture');
    await service.jobs.delete(id);
    expect(await classify([delivery(key)])).toEqual([]);
    expect(await service.images.exists(key)).toBe(false);
    expect(await service.jobs.read(id)).toBeUndefined();
  });

  test('that is deleted while its image is classified stays deleted, and the image goes', async () => {
    for (const outcome of [() => {}, damaged]) {
      const { id, key } = await service.submit('a picture');
      const fake = fakeClassifier(async () => {
        await service.jobs.delete(id);
        outcome();
      });
      expect(await classify([delivery(key)], fake)).toEqual([]);
      expect(await service.jobs.read(id)).toBeUndefined();
      expect(await service.images.exists(key)).toBe(false);
    }
  });

  test('whose image comes after its deadline succeeds all the same', async () => {
    const { job } = await service.jobs.create(aJob({ source: 'presigned', deadline: inSeconds(-60) }));
    const expired = jobAsOf(job, new Date());
    expect(expired.status).toBe('expired');
    await service.images.put(imageKeyOf(job), Buffer.from('late'));
    expect(await classify([delivery(imageKeyOf(job))])).toEqual([]);
    const late = await service.jobs.read(job.id);
    expect(late).toMatchObject({ status: 'succeeded' });
    expect(late?.version).toBeGreaterThan(expired.version);
  });

  test('whose image is missing fails at once', async () => {
    const { id, key } = await service.submit('a picture');
    await service.images.delete(key);
    expect(await classify([delivery(key)])).toEqual([]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'failed', error: { code: 'image_missing' } });
  });
});

describe('a second upload by the same form', () => {
  test('changes nothing once the first has succeeded', async () => {
    const { id, key } = await service.submit('the first');
    await classify([delivery(key)]);
    const job = await service.jobs.read(id);
    await service.images.put(key, Buffer.from('the second one'));
    expect(await classify([delivery(key)])).toEqual([]);
    expect(await service.jobs.read(id)).toEqual(job);
  });

  test('mends a job whose first image was damaged', async () => {
    const { id, key } = await service.submit('damaged');
    expect(await classify([delivery(key)], fakeClassifier(damaged))).toEqual([]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'failed', error: { code: 'corrupt_image' } });
    await service.images.put(key, Buffer.from('whole'));
    expect(await classify([delivery(key)])).toEqual([]);
    const job = await service.jobs.read(id);
    expect(job).toMatchObject({ status: 'succeeded', attempts: 1, image: { bytes: 5 } });
    expect(job?.error).toBeUndefined();
  });

  test('that comes first with the other still on its way wins by its result', async () => {
    const { id, key } = await service.submit('the first');
    const fake = fakeClassifier(async () => {
      await service.jobs.transition(id, succeeding());
    });
    expect(await classify([delivery(key)], fake)).toEqual([]);
    expect(await service.jobs.read(id)).toMatchObject({ image: { bytes: 1000 }, version: 3 });
  });
});

describe('a batch', () => {
  test('is taken oldest images first, and only what failed comes again', async () => {
    const [newer, older, faultyOne] = [
      await service.submit('newer'),
      await service.submit('older'),
      await service.submit('faulty'),
    ];
    const fake = fakeClassifier((image) => (image === 'faulty' ? faulty() : undefined));
    const batch = [
      delivery(newer.key, { sentAt: 3000 }),
      delivery(older.key, { sentAt: 1000, receives: 7 }),
      delivery(faultyOne.key, { sentAt: 2000 }),
    ];
    expect(await classify(batch, fake)).toEqual([faultyOne.key]);
    expect(fake.seen).toEqual(['older', 'faulty', 'newer']);
    expect(await service.jobs.read(faultyOne.id)).toMatchObject({ status: 'processing', attempts: 1 });
  });

  test('with an image whose last try did not end tries that one alone, after the others went back', async () => {
    const [suspect, other] = [await service.submit('suspect'), await service.submit('other')];
    await service.jobs.transition(suspect.id, starting());
    const order: string[] = [];
    const queue = { changeVisibility: async () => void order.push('given back') };
    const fake = fakeClassifier((image) => void order.push(image));
    const handler = classifyHandler({ ...service, queue, classifier: fake.classifier });
    const event = sqsEvent(delivery(other.key), delivery(suspect.key, { receives: 2 }));
    expect(await handler(event, context())).toEqual({ batchItemFailures: [{ itemIdentifier: other.key }] });
    expect(order).toEqual(['given back', 'suspect']);
    expect(await service.jobs.read(other.id)).toMatchObject({ status: 'pending', attempts: 0 });
  });

  test('goes back as far as the time left is too short for it', async () => {
    const { id, key } = await service.submit('a picture');
    expect(await classify([delivery(key)], fakeClassifier(), 5000)).toEqual([key]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'pending' });
  });

  test('begins no image for which there is less time than the slowest before it took', async () => {
    const batch = [await service.submit('slow'), await service.submit('next')];
    const fake = fakeClassifier();
    const timed = {
      ...context(),
      getRemainingTimeInMillis: () => (fake.seen.length === 0 ? 30_000 : 14_000),
    };
    const handler = classifyHandler({ ...service, classifier: fake.classifier });
    const { batchItemFailures } = await handler(sqsEvent(...batch.map(({ key }) => delivery(key))), timed);
    expect(fake.seen).toEqual(['slow']);
    expect(batchItemFailures).toEqual([{ itemIdentifier: batch[1]?.key }]);
  });

  test('gives back at once what it has no time for', async () => {
    const { key } = await service.submit('a picture');
    const asked: number[] = [];
    const queue = { changeVisibility: async (_: string, seconds: number) => void asked.push(seconds) };
    const handler = classifyHandler({ ...service, queue, classifier: fakeClassifier().classifier });
    await handler(sqsEvent(delivery(key)), context(5000));
    expect(asked).toEqual([0]);
  });

  test.each([
    [1, 2],
    [2, 4],
    [5, 32],
    [6, 60],
    [900, 60],
  ])('what failed at delivery %i comes again after 0 to %i s', async (receives, most) => {
    const asked: number[] = [];
    const queue = { changeVisibility: async (_: string, seconds: number) => void asked.push(seconds) };
    const unreadable = { body: 'not JSON', receives };
    const handler = classifyHandler({ ...service, queue, classifier: fakeClassifier().classifier });
    for (let repeat = 0; repeat < 200; repeat++) await handler(sqsEvent(unreadable), context());
    expect(asked.every((seconds) => Number.isInteger(seconds) && seconds >= 0 && seconds <= most)).toBe(true);
    // Full jitter: the whole range is used, and evenly.
    expect(new Set(asked).size).toBeGreaterThan(Math.min(most, 30) * 0.8);
    expect(asked.reduce((sum, seconds) => sum + seconds) / asked.length / most).toBeCloseTo(0.5, 0.5);
  });

  test('a message that is given back comes to the next function', async () => {
    const { key } = await service.submit('a picture');
    await service.queue.send(objectCreatedMessage(key));
    const [message] = await service.queue.receive({ max: 1, waitSeconds: 5 });
    const { receiptHandle = '' } = message ?? {};
    expect(await classify([delivery(key, { receiptHandle })], fakeClassifier(), 5000)).toEqual([key]);
    const [again] = await service.queue.receive({ max: 1, waitSeconds: 5 });
    expect(again).toMatchObject({ receiveCount: 2 });
    await service.queue.delete(again?.receiptHandle ?? '');
  });
});

describe('a try', () => {
  const { maxTries } = limits;
  const unreachable = () => Promise.reject(new Error('unreachable'));

  test('is recorded before it begins', async () => {
    const { id, key } = await service.submit('a picture');
    const recorded: unknown[] = [];
    const fake = fakeClassifier(async () => void recorded.push((await service.jobs.read(id))?.attempts));
    await classify([delivery(key)], fake);
    expect(recorded).toEqual([1]);
  });

  test('that fails is the last where it is the fifth: the job is given up at once, and counted', async () => {
    const { id, key } = await service.submit('a picture');
    const counted: string[] = [];
    const telemetry = {
      ...service.telemetry,
      count: (name: string) => void counted.push(name),
      forJob: () => telemetry,
    };
    const handler = classifyHandler({ ...service, telemetry, ...fakeClassifier(faulty) });
    for (let tries = 1; tries < maxTries; tries++) {
      expect(
        (await handler(sqsEvent(delivery(key, { receives: tries })), context())).batchItemFailures,
      ).toHaveLength(1);
    }
    expect(counted).toEqual([]);
    expect(await handler(sqsEvent(delivery(key, { receives: maxTries })), context())).toEqual({
      batchItemFailures: [],
    });
    expect(await service.jobs.read(id)).toMatchObject({
      status: 'failed',
      attempts: maxTries,
      error: { code: 'gave_up' },
    });
    expect(counted).toContain('JobsGivenUp');
    expect(await service.images.exists(key)).toBe(true);
  });

  test('whose function crashed counts: after the fifth, the next delivery gives up without another', async () => {
    const { id, key } = await service.submit('a picture');
    for (let tries = 0; tries < maxTries; tries++) await service.jobs.transition(id, starting());
    const fake = fakeClassifier();
    expect(await classify([delivery(key, { receives: maxTries + 1 })], fake)).toEqual([]);
    expect(fake.seen).toEqual([]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'failed', error: { code: 'gave_up' } });
  });

  test('is none where storage fails', async () => {
    const { id, key } = await service.submit('a picture');
    const images = { ...service.images, get: unreachable, delete: unreachable };
    const handler = classifyHandler({ ...service, images, ...fakeClassifier() });
    expect((await handler(sqsEvent(delivery(key)), context())).batchItemFailures).toHaveLength(1);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'pending', attempts: 0 });
  });

  test('is taken back where its result cannot be written', async () => {
    const { id, key } = await service.submit('a picture');
    const jobs = {
      read: (read: string) => service.jobs.read(read),
      transition: (changed: string, transition: Transition) =>
        transition.to === 'succeeded' ? unreachable() : service.jobs.transition(changed, transition),
    };
    const handler = classifyHandler({ ...service, jobs, ...fakeClassifier() });
    for (let receives = 1; receives <= maxTries + 1; receives++) {
      expect(
        (await handler(sqsEvent(delivery(key, { receives })), context())).batchItemFailures,
      ).toHaveLength(1);
    }
    expect(await service.jobs.read(id)).toMatchObject({ status: 'processing', attempts: 0 });
    expect(await classify([delivery(key, { receives: 9 })])).toEqual([]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
  });
});
