import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JobQueueConsumer, QueueMessage } from '../../functions/shared/ports.ts';

/** A queue of a suite's own and its dead-letter queue. */
export interface OpenJobQueue {
  readonly queue: JobQueueConsumer;
  readonly deadLetters: JobQueueConsumer;
  close(): Promise<void>;
}

export interface QueueTerms {
  readonly visibilitySeconds: number;
  readonly maxReceives: number;
}

const terms: QueueTerms = { visibilitySeconds: 1, maxReceives: 3 };
const pastVisibility = 1200;

/** What every `JobQueue` does with messages. */
export function jobQueueSuite(name: string, open: (terms: QueueTerms) => Promise<OpenJobQueue>): void {
  describe(`${name} delivers messages`, () => {
    let opened: OpenJobQueue;
    let queue: JobQueueConsumer;
    let deadLetters: JobQueueConsumer;
    beforeAll(async () => {
      opened = await open(terms);
      ({ queue, deadLetters } = opened);
    });
    afterAll(() => opened.close());
    // Nothing that a test left behind may reach the next one.
    beforeEach(async () => {
      expect(await queue.receive({ max: 10, waitSeconds: 0 })).toEqual([]);
    });

    const receiveOne = async (from = queue): Promise<QueueMessage> => {
      const [message, ...more] = await from.receive({ max: 1, waitSeconds: 5 });
      if (message === undefined) throw new Error('No message came.');
      expect(more).toEqual([]);
      return message;
    };

    test('a message arrives exactly as sent, as its first delivery', async () => {
      const body = JSON.stringify({ key: 'uploads/ü %2F+\n"<&>"', euro: '€' });
      await queue.send(body);
      const message = await receiveOne();
      expect(message).toMatchObject({ body, receiveCount: 1 });
      await queue.delete(message.receiptHandle);
    });

    test('a waiting receive gets a message that is sent later', async () => {
      const waiting = receiveOne();
      await sleep(200);
      await queue.send('later');
      const message = await waiting;
      expect(message.body).toBe('later');
      await queue.delete(message.receiptHandle);
    });

    test('a receive that finds nothing ends empty after its wait, before one that waits longer', async () => {
      const began = performance.now();
      const ended: string[] = [];
      const longer = deadLetters.receive({ max: 1, waitSeconds: 2 }).then(() => ended.push('two seconds'));
      expect(await queue.receive({ max: 1, waitSeconds: 1 })).toEqual([]);
      ended.push('one second');
      expect(performance.now() - began).toBeGreaterThan(900);
      await longer;
      expect(ended).toEqual(['one second', 'two seconds']);
    });

    test('a received message is hidden, comes back after its visibility timeout, and counts', async () => {
      await queue.send('again');
      const began = performance.now();
      const first = await receiveOne();
      const early = await queue.receive({ max: 1, waitSeconds: 0 });
      // A machine that is slow enough looks when the message is visible again.
      const isEarly = performance.now() - began < terms.visibilitySeconds * 1000;
      const second = early[0] ?? (await receiveOne());
      if (isEarly) expect(early).toEqual([]);
      expect(performance.now() - began).toBeGreaterThan(terms.visibilitySeconds * 1000 - 100);
      expect(second).toMatchObject({ messageId: first.messageId, body: 'again', receiveCount: 2 });
      await queue.delete(second.receiptHandle);
    });

    test('a deleted message does not come back', async () => {
      await queue.send('once');
      const message = await receiveOne();
      await queue.delete(message.receiptHandle);
      await sleep(pastVisibility);
      expect(await queue.receive({ max: 1, waitSeconds: 0 })).toEqual([]);
    });

    test('a shortened visibility brings a message back earlier', async () => {
      await queue.send('hurry');
      const { receiptHandle } = await receiveOne();
      // Longer than the wait of receiveOne, so that only the shortened visibility can bring it back.
      await queue.changeVisibility(receiptHandle, 30);
      await queue.changeVisibility(receiptHandle, 0);
      const second = await receiveOne();
      expect(second.receiveCount).toBe(2);
      await queue.delete(second.receiptHandle);
    });

    test('a lengthened visibility keeps a message hidden for longer', async () => {
      await queue.send('wait');
      const { receiptHandle } = await receiveOne();
      await queue.changeVisibility(receiptHandle, 30);
      await sleep(pastVisibility);
      expect(await queue.receive({ max: 1, waitSeconds: 0 })).toEqual([]);
      await queue.delete(receiptHandle);
    });

    test('a receipt whose message was deleted does not throw', async () => {
      await queue.send('done');
      const { receiptHandle } = await receiveOne();
      await queue.delete(receiptHandle);
      await queue.changeVisibility(receiptHandle, 5);
      await queue.delete(receiptHandle);
    });

    test('many messages sent at once all arrive, never more at a time than asked for', async () => {
      const bodies = Array.from({ length: 25 }, (_, index) => `message ${index}`);
      await Promise.all(bodies.map((body) => queue.send(body)));
      const arrived: string[] = [];
      while (arrived.length < bodies.length) {
        const messages = await queue.receive({ max: 10, waitSeconds: 5 });
        expect(messages.length).toBeGreaterThan(0);
        expect(messages.length).toBeLessThanOrEqual(10);
        arrived.push(...messages.map(({ body }) => body));
        await Promise.all(messages.map(({ receiptHandle }) => queue.delete(receiptHandle)));
      }
      expect(arrived.sort()).toEqual(bodies.sort());
    });

    test('a message that is never deleted goes to the dead-letter queue after its last receive', async () => {
      await queue.send('poison');
      for (let receive = 1; receive <= terms.maxReceives; receive++) {
        const { receiveCount, receiptHandle } = await receiveOne();
        expect(receiveCount).toBe(receive);
        await queue.changeVisibility(receiptHandle, 0);
      }
      expect(await queue.receive({ max: 1, waitSeconds: 0 })).toEqual([]);
      const dead = await receiveOne(deadLetters);
      expect(dead.body).toBe('poison');
      await deadLetters.delete(dead.receiptHandle);
    });
  });
}
