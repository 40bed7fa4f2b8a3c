import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { imageKeyOf, objectCreatedMessage } from '../../../functions/shared/object-event.ts';
import { readStatus, submit, untilEnded } from '../../support/e2e/client.ts';
import { drawJpeg } from '../../support/pictures/images.ts';
import { clients, deployed, messagesIn, requireDeployed } from '../../support/stack/deployed.ts';

const image = await drawJpeg();

test('of 200 images in flight none is lost', { timeout: 180_000 }, async () => {
  const images = await Promise.all(Array.from({ length: 20 }, (_, variant) => drawJpeg(320, 240, variant)));
  const sent = Array.from({ length: 200 }, (_, index) => images[index % images.length] ?? image);
  // Ten at a time: an emulator starts a process for every request it has at once.
  const jobs = await inTurns(sent, 10, submit);
  const ended = await inTurns(jobs, 10, ({ id }) => untilEnded(id, 150));
  expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  expect(new Set(ended.map(({ image: facts }) => facts?.sha256)).size).toBe(images.length);
});

describe.runIf(deployed)('with the queue and the bucket at hand', () => {
  test('answers as before when a message is delivered again', async () => {
    const { id } = await submit(image);
    const first = await untilEnded(id);
    const MessageBody = objectCreatedMessage(imageKeyOf(first));
    const { queueUrl: QueueUrl } = requireDeployed();
    for (let repeat = 0; repeat < 3; repeat++) {
      await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    await expect.poll(() => messagesIn(QueueUrl), { timeout: 30_000 }).toBe(0);
    expect(await readStatus(id)).toEqual(first);
  });

  test('drops a message about an object that is no image of a job', async () => {
    const { queueUrl: QueueUrl, deadLetterQueueUrl } = requireDeployed();
    const MessageBody = objectCreatedMessage('elsewhere/file.txt');
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await expect.poll(() => messagesIn(QueueUrl), { timeout: 30_000 }).toBe(0);
    expect(await messagesIn(deadLetterQueueUrl)).toBe(0);
  });
});

/** Does the same with every item, `atOnce` of them at a time. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  }
  return results;
}
