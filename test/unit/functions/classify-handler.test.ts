import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classifyHandler } from '../../../functions/classify/handler.ts';
import { Problem } from '../../../functions/shared/errors.ts';
import { jobAsOf } from '../../../functions/shared/job.ts';
import { imageKeyOf, objectCreatedMessage } from '../../../functions/shared/object-event.ts';
import {
  type Delivery,
  delivery,
  type EmulatedService,
  emulatedService,
  fakeClassifier,
  sqsEvent,
} from '../../support/aws/emulated-service.ts';
import { context } from '../../support/aws/events.ts';
import { aJob, inSeconds, succeeding } from '../../support/jobs.ts';

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
  throw new Problem('corrupt_image', 'The image is damaged.');
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

  test('a message nobody can read comes again, until the dead-letter queue has it', async () => {
    expect(await classify([{ body: 'not JSON', messageId: 'broken' }])).toEqual(['broken']);
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
    expect(job).toMatchObject({ status: 'succeeded', attempts: 2, image: { bytes: 5 } });
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
  test('is taken fresh images first, and only what failed comes again', async () => {
    const [fresh, old, poison] = [
      await service.submit('fresh'),
      await service.submit('old'),
      await service.submit('poison'),
    ];
    const fake = fakeClassifier((image) => (image === 'poison' ? faulty() : undefined));
    const batch = [
      delivery(poison.key, { receives: 3 }),
      delivery(old.key, { receives: 2 }),
      delivery(fresh.key, { receives: 1 }),
    ];
    expect(await classify(batch, fake)).toEqual([poison.key]);
    expect(fake.seen).toEqual(['fresh', 'old', 'poison']);
    expect(await service.jobs.read(poison.id)).toMatchObject({ status: 'processing' });
  });

  test('goes back as far as the time left is too short for it', async () => {
    const { id, key } = await service.submit('a picture');
    expect(await classify([delivery(key)], fakeClassifier(), 5000)).toEqual([key]);
    expect(await service.jobs.read(id)).toMatchObject({ status: 'pending' });
  });

  test('gives back at once what it has no time for', async () => {
    const { key } = await service.submit('a picture');
    const asked: number[] = [];
    const queue = { changeVisibility: async (_: string, seconds: number) => void asked.push(seconds) };
    const handler = classifyHandler({ ...service, queue, classifier: fakeClassifier().classifier });
    await handler(sqsEvent(delivery(key)), context(5000));
    expect(asked).toEqual([0]);
  });

  test('lets what failed come again soon, and then ever later', async () => {
    const { key } = await service.submit('a picture');
    await service.queue.send(objectCreatedMessage(key));
    const [message] = await service.queue.receive({ max: 1, waitSeconds: 5 });
    const asked: [string, number][] = [];
    const queue = {
      async changeVisibility(receiptHandle: string, seconds: number) {
        asked.push([receiptHandle, seconds]);
        await service.queue.changeVisibility(receiptHandle, 0);
      },
    };
    const { receiptHandle = '' } = message ?? {};
    const handler = classifyHandler({ ...service, queue, classifier: fakeClassifier(faulty).classifier });
    for (const receives of [1, 2, 3, 4]) {
      await handler(sqsEvent(delivery(key, { receives, receiptHandle })), context());
    }
    expect(asked).toEqual([1, 2, 4, 8].map((seconds) => [receiptHandle, seconds]));
    const [again] = await service.queue.receive({ max: 1, waitSeconds: 5 });
    expect(again).toMatchObject({ receiveCount: 2 });
    await service.queue.delete(again?.receiptHandle ?? '');
  });
});
