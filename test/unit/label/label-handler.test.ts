import { expect, test } from 'vitest';
import { labelHandler } from '../../../functions/label/handler.ts';
import { fakeClassifier, sqsEvent } from '../../support/aws/emulated-service.ts';
import { context } from '../../support/aws/events.ts';
import { silentTelemetry } from '../../support/telemetry.ts';

const dropped = (key: string) =>
  JSON.stringify({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name: 'camera' }, object: { key } },
  });

test('An object is not begun where the ones before it took longer than the time that is left', async () => {
  let left = 60_000;
  // A slow model: each picture takes 20 s, which is more than is kept for one whose model is quick.
  const { classifier, seen } = fakeClassifier(() => {
    left -= 20_000;
  });
  const handler = labelHandler({
    drops: { read: async ({ key }) => ({ image: { bytes: Buffer.from(key) } }) },
    labels: { read: async () => undefined, write: async () => ({ bucket: 'own', key: 'labels/x.json' }) },
    runs: {
      write: async () => {},
      isSplit: async () => false,
      markSplit: async () => {},
      send: async () => {},
    },
    announcer: { announce: async () => {} },
    queue: { changeVisibility: async () => {} },
    classifier,
    telemetry: silentTelemetry,
    settings: { otherFiles: 'skip', ownBucket: 'own' },
  });
  const event = sqsEvent(
    ...['1.jpg', '2.jpg', '3.jpg'].map((key) => ({ messageId: key, body: dropped(key) })),
  );
  const answer = await handler(event, { ...context(), getRemainingTimeInMillis: () => left });
  expect(seen).toEqual(['1.jpg', '2.jpg']);
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '3.jpg' }]);
});
