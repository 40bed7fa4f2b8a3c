import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadLetterHandler } from '../../../functions/dead-letter/handler.ts';
import {
  type Delivery,
  delivery,
  type EmulatedService,
  emulatedService,
  sqsEvent,
} from '../../support/aws/emulated-service.ts';
import { context } from '../../support/aws/events.ts';
import { starting, succeeding } from '../../support/jobs.ts';

let service: EmulatedService;
beforeAll(async () => {
  service = await emulatedService();
});
afterAll(() => service.close());

async function giveUp(...deliveries: Delivery[]) {
  const counted: string[] = [];
  const telemetry = {
    ...service.telemetry,
    count: (name: string) => void counted.push(name),
    forJob: () => telemetry,
  };
  const handler = deadLetterHandler({ ...service, telemetry });
  const { batchItemFailures } = await handler(sqsEvent(...deliveries), context());
  return { failures: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), counted };
}

test('a job whose image could not be classified fails, its image stays for a redrive, and it is counted', async () => {
  const { id, key } = await service.submit('poison');
  await service.jobs.transition(id, starting());
  expect(await giveUp(delivery(key))).toEqual({ failures: [], counted: ['JobsGivenUp'] });
  expect(await service.jobs.read(id)).toMatchObject({ status: 'failed', error: { code: 'gave_up' } });
  expect(await service.images.exists(key)).toBe(true);
});

test('a job that has succeeded after all stays so, and is not counted', async () => {
  const { id, key } = await service.submit('a picture');
  await service.jobs.transition(id, succeeding());
  expect(await giveUp(delivery(key))).toEqual({ failures: [], counted: [] });
  expect(await service.jobs.read(id)).toMatchObject({ status: 'succeeded' });
});

test('a job that was deleted stays so, and its image goes', async () => {
  const { id, key } = await service.submit('a picture');
  await service.jobs.delete(id);
  expect(await giveUp(delivery(key))).toEqual({ failures: [], counted: [] });
  expect(await service.jobs.read(id)).toBeUndefined();
  expect(await service.images.exists(key)).toBe(false);
});

test('an unreadable message is counted and does not delay the others', async () => {
  const { id, key } = await service.submit('poison');
  const { failures, counted } = await giveUp({ body: '{' }, { body: '{"Records": 1}' }, delivery(key));
  expect(failures).toEqual([]);
  expect(counted.filter((name) => name === 'MessagesUnreadable')).toHaveLength(2);
  expect(await service.jobs.read(id)).toMatchObject({ status: 'failed' });
});

test('a job that cannot be failed now is tried again', async () => {
  const { key } = await service.submit('poison');
  const transition = () => Promise.reject(new Error('the table cannot be reached'));
  const handler = deadLetterHandler({ ...service, jobs: { ...service.jobs, transition } });
  const { batchItemFailures } = await handler(sqsEvent(delivery(key)), context());
  expect(batchItemFailures).toEqual([{ itemIdentifier: key }]);
});
