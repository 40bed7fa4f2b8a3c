import { expect, test } from 'vitest';
import { failPart, labelPart } from '../../../functions/label/label-part.ts';
import type { LabelPorts } from '../../../functions/label/ports.ts';
import { decodePart, encodePart, objectsOf, type RunPart } from '../../../functions/label/run-part.ts';
import type { LabelDocument } from '../../../functions/shared/label-document.ts';
import { ImageError } from '../../../layers/model/run/errors.ts';
import { fakeClassifier } from '../../support/aws/emulated-service.ts';
import { silentTelemetry } from '../../support/telemetry.ts';

const keys = ['a.jpg', 'b.jpg', 'damaged.jpg', 'gone.jpg', 'e.jpg'];
const part: RunPart = {
  run: 'run-1',
  part: '000007',
  bucket: 'photos',
  objects: keys.map((key) => ({ key, size: 5, eTag: key })),
};

function ports(): LabelPorts & { parts: Map<string, LabelDocument[]>; sent: RunPart[]; split: Set<string> } {
  const [parts, sent, split] = [new Map<string, LabelDocument[]>(), [] as RunPart[], new Set<string>()];
  const { classifier } = fakeClassifier((image) => {
    if (image === 'damaged.jpg') throw new ImageError('corrupt_image', 'The image is damaged.');
  });
  const unused = async (): Promise<never> => {
    throw new Error('A part writes no document of its own for an object.');
  };
  return {
    parts,
    sent,
    split,
    drops: {
      read: async ({ key }) =>
        key === 'gone.jpg' ? { gone: 'deleted' } : { image: { bytes: Buffer.from(key) } },
    },
    runs: {
      write: async ({ part: name }, documents) => void parts.set(name, decodePart(encodePart(documents))),
      isSplit: async ({ part: name }) => split.has(name),
      markSplit: async ({ part: name }) => void split.add(name),
      send: async (half) => void sent.push(half),
    },
    labels: { read: unused, write: unused },
    announcer: { announce: unused },
    queue: { changeVisibility: async () => {} },
    classifier,
    telemetry: silentTelemetry,
    settings: { otherFiles: 'skip', ownBucket: 'own' },
  };
}

/** Lets so many further images be begun. */
const timeFor = (images: number) => () => images-- > 0;

test('a part has a line for each of its objects, with labels or the reason, however often it is delivered', async () => {
  const all = ports();
  for (let delivery = 0; delivery < 2; delivery++) await labelPart(part, timeFor(99), all);
  const documents = all.parts.get('000007') ?? [];
  expect(documents.map(({ object, error }) => [object.key, error?.code])).toEqual([
    ['a.jpg', undefined],
    ['b.jpg', undefined],
    ['damaged.jpg', 'corrupt_image'],
    ['gone.jpg', 'object_deleted'],
    ['e.jpg', undefined],
  ]);
  expect(documents[0]).toMatchObject({ model: all.classifier.model, predictions: expect.any(Array) });
});

test('a part that takes too long is split for good: nothing is lost, and nothing stands twice', async () => {
  const all = ports();
  const waiting = [part];
  for (let rounds = 0; waiting.length > 0; rounds++) {
    const next = waiting.shift();
    // A delivery again, with all the time in the world, must not write what the halves write.
    if (next !== undefined && all.split.has(next.part)) await labelPart(next, timeFor(99), all);
    else if (next !== undefined) await labelPart(next, timeFor(1), all);
    if (next?.part === '000007' && rounds === 0) waiting.push(next);
    waiting.push(...all.sent.splice(0));
    expect(rounds).toBeLessThan(20);
  }
  expect([...all.parts.keys()].sort()).toEqual(['000007aa', '000007ab', '000007b']);
  const seen = [...all.parts.values()].flat().map(({ object }) => object.key);
  expect(seen.sort()).toEqual([...keys].sort());
});

test('a part that was given up says so for each of its objects, unless its halves do', async () => {
  const all = ports();
  const error = { code: 'gave_up', detail: 'It could not be labelled.' };
  await failPart(part, error, all);
  expect(all.parts.get('000007')?.map(({ error: reason }) => reason)).toEqual(keys.map(() => error));
  all.parts.clear();
  all.split.add('000007');
  await failPart(part, error, all);
  expect(all.parts.size).toBe(0);
});

test('objects of a listing have neither versions nor sequencers', () => {
  expect(objectsOf(part)[0]).toEqual({
    bucket: 'photos',
    key: 'a.jpg',
    size: 5,
    eTag: 'a.jpg',
    versionId: undefined,
    sequencer: undefined,
  });
});
