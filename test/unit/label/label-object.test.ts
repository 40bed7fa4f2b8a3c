import { describe, expect, test } from 'vitest';
import { type DroppedObject, droppedObjects, isOlder } from '../../../functions/label/dropped-objects.ts';
import { failObject, labelObject } from '../../../functions/label/label-object.ts';
import type { LabelPorts, ReadObject, StoredLabels } from '../../../functions/label/ports.ts';
import { ImageError } from '../../../layers/model/run/errors.ts';
import { fakeClassifier } from '../../support/aws/emulated-service.ts';
import { silentTelemetry } from '../../support/telemetry.ts';

const dropped = (more: Partial<DroppedObject> = {}): DroppedObject => ({
  bucket: 'camera',
  key: 'a/b.jpg',
  size: 5,
  eTag: 'one',
  versionId: undefined,
  sequencer: '0055AED6DCD90281E5',
  ...more,
});

/** Ports whose stores are maps: the bucket by key and the label documents by key, each write with a new tag. */
function inMemory({ answer = () => {} }: { answer?: (image: string) => void } = {}) {
  const bucket = new Map<string, { eTag: string; text: string }>([
    ['a/b.jpg', { eTag: 'one', text: 'a cat' }],
  ]);
  const documents = new Map<string, StoredLabels>();
  const announced: string[] = [];
  const { classifier, seen } = fakeClassifier(answer);
  const ports: LabelPorts = {
    drops: {
      async read({ key, eTag }): Promise<ReadObject> {
        const found = bucket.get(key);
        if (found === undefined) return { gone: 'deleted' };
        if (eTag !== found.eTag) return { gone: 'overwritten' };
        return { image: { bytes: Buffer.from(found.text) } };
      },
    },
    labels: {
      read: async ({ key }) => documents.get(key),
      async write({ key }, document, replaces) {
        if (documents.get(key)?.tag !== replaces) return undefined;
        const place = { bucket: 'own', key: `labels/camera/${key}.json` };
        documents.set(key, { document, tag: `${Math.random()}`, place });
        return place;
      },
    },
    runs: {
      write: async () => {},
      isSplit: async () => false,
      markSplit: async () => {},
      send: async () => {},
    },
    announcer: { announce: async ({ object, error }) => void announced.push(error?.code ?? object.key) },
    queue: { changeVisibility: async () => {} },
    classifier,
    telemetry: silentTelemetry,
    settings: { otherFiles: 'skip', ownBucket: 'own' },
  };
  return { ports, bucket, documents, announced, seen };
}

describe('An object that was put into storage', () => {
  test('has a label document with what it was, what was seen and by which model, and is announced', async () => {
    const { ports, documents, announced } = inMemory();
    expect(await labelObject(dropped(), ports)).toBe('labelled');
    expect(documents.get('a/b.jpg')?.document).toMatchObject({
      object: { bucket: 'camera', key: 'a/b.jpg', size: 5, eTag: 'one', sequencer: '0055AED6DCD90281E5' },
      model: ports.classifier.model,
      predictions: expect.any(Array),
    });
    expect(announced).toEqual(['a/b.jpg']);
  });

  test('is classified once where its event comes twice, and announced again in case the first was cut short', async () => {
    const { ports, seen, announced } = inMemory();
    await labelObject(dropped(), ports);
    expect(await labelObject(dropped(), ports)).toBe('unchanged');
    expect(seen).toHaveLength(1);
    expect(announced).toHaveLength(2);
  });

  test('keeps the labels of its newest content where events come in another order', async () => {
    const { ports, bucket, documents } = inMemory();
    const older = dropped();
    const newer = dropped({ eTag: 'two', sequencer: '0055AED6DCD90281E6' });
    bucket.set('a/b.jpg', { eTag: 'two', text: 'a dog' });
    expect(await labelObject(newer, ports)).toBe('labelled');
    expect(await labelObject(older, ports)).toBe('outdated');
    expect(documents.get('a/b.jpg')?.document.object.eTag).toBe('two');
  });

  test('keeps the labels of its newest content where both are classified at the same time', async () => {
    const { ports, bucket, documents } = inMemory();
    const older = dropped();
    const newer = dropped({ eTag: 'two', sequencer: '0055AED6DCD90281E6' });
    const read = ports.drops.read.bind(ports.drops);
    const racing: LabelPorts = {
      ...ports,
      drops: {
        async read(object) {
          const result = await read(object);
          bucket.set('a/b.jpg', { eTag: 'two', text: 'a dog' });
          await labelObject(newer, ports);
          return result;
        },
      },
    };
    expect(await labelObject(older, racing)).toBe('outdated');
    expect(documents.get('a/b.jpg')?.document.object.eTag).toBe('two');
  });

  test.each([
    ['deleted', new Map()],
    ['overwritten', new Map([['a/b.jpg', { eTag: 'two', text: 'a dog' }]])],
  ])('that was %s meanwhile has no document', async (outcome, content) => {
    const { ports, bucket, documents } = inMemory();
    bucket.clear();
    for (const [key, value] of content) bucket.set(key, value);
    expect(await labelObject(dropped(), ports)).toBe(outcome);
    expect(documents.size).toBe(0);
  });

  test('that is damaged has a document with the reason, and is tried again when its event comes again', async () => {
    const { ports, documents, announced, seen } = inMemory({
      answer: () => {
        throw new ImageError('corrupt_image', 'The image is damaged.');
      },
    });
    expect(await labelObject(dropped(), ports)).toBe('failed');
    expect(documents.get('a/b.jpg')?.document.error).toEqual({
      code: 'corrupt_image',
      detail: 'The image is damaged.',
    });
    expect(announced).toEqual(['corrupt_image']);
    await labelObject(dropped(), ports);
    expect(seen).toHaveLength(2);
  });

  test('meets a fault of the service as an error, for another delivery', async () => {
    const fault = new Error('no memory');
    const { ports, documents } = inMemory({
      answer: () => {
        throw fault;
      },
    });
    await expect(labelObject(dropped(), ports)).rejects.toBe(fault);
    expect(documents.size).toBe(0);
  });

  test('is left alone where it is not named like an image, or reported if that is set', async () => {
    const { ports, documents } = inMemory();
    expect(await labelObject(dropped({ key: 'notes.txt' }), ports)).toBe('skipped');
    expect(documents.size).toBe(0);
    const reporting: LabelPorts = { ...ports, settings: { ...ports.settings, otherFiles: 'report' } };
    expect(await labelObject(dropped({ key: 'notes.txt' }), reporting)).toBe('failed');
    expect(documents.get('notes.txt')?.document.error?.code).toBe('unsupported_image');
  });

  test('below labels/ of the own bucket is never read: labels would have labels', async () => {
    const { ports } = inMemory();
    expect(await labelObject(dropped({ bucket: 'own', key: 'labels/x.jpg' }), ports)).toBe('skipped');
  });

  test('that was given up has the reason, unless something newer is known', async () => {
    const { ports, documents } = inMemory();
    const error = { code: 'gave_up', detail: 'It could not be labelled.' };
    expect(await failObject(dropped(), error, ports)).toBe('failed');
    expect(documents.get('a/b.jpg')?.document.error).toEqual(error);
    const older = dropped({ sequencer: '0055AED6DCD90281E4' });
    expect(await failObject(older, error, ports)).toBe('outdated');
  });
});

describe('Messages about objects', () => {
  const expected = { bucket: 'camera', size: 5, eTag: 'one', versionId: 'v1', sequencer: '0A' };

  test.each([
    'plain.jpg',
    'two words.jpg',
    'a+b.jpg',
    '100%.jpg',
    '100%25.jpg',
    'ä/日本.jpg',
    `${'k'.repeat(1020)}.jpg`,
  ])("name the key %s in S3's form and in EventBridge's", (key) => {
    const encoded = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
    const object = { size: 5, sequencer: '0A' };
    const record = {
      eventName: 'ObjectCreated:CompleteMultipartUpload',
      s3: { bucket: { name: 'camera' }, object: { ...object, key: encoded, eTag: 'one', versionId: 'v1' } },
    };
    const event = {
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: 'camera' }, object: { ...object, key, etag: 'one', 'version-id': 'v1' } },
    };
    expect(droppedObjects(JSON.stringify({ Records: [record] }))).toEqual([{ ...expected, key }]);
    expect(droppedObjects(JSON.stringify(event))).toEqual([{ ...expected, key }]);
  });

  test('of other kinds name none, and those of no known form are an error', () => {
    expect(droppedObjects(JSON.stringify({ Event: 's3:TestEvent' }))).toEqual([]);
    const removed = {
      eventName: 'ObjectRemoved:Delete',
      s3: { bucket: { name: 'b' }, object: { key: 'k' } },
    };
    expect(droppedObjects(JSON.stringify({ Records: [removed] }))).toEqual([]);
    expect(() => droppedObjects('{}')).toThrow();
    expect(() => droppedObjects('hello')).toThrow();
  });

  test.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6', true],
    ['0055AED6DCD90281E6', '0055AED6DCD90281E5', false],
    ['0055AED6DCD90281E5', '0055AED6DCD90281E500', false],
    ['0055AED6DCD90281E5', '0055AED6DCD90281E501', true],
    [undefined, '0055', false],
  ])('are ordered by their sequencers: %s before %s is %s', (one, other, older) => {
    expect(isOlder(one, other)).toBe(older);
  });
});
