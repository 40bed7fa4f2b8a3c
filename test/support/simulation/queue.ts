import type { JobQueue, QueueMessage } from '../../../functions/shared/ports.ts';
import type { VirtualClock } from './clock.ts';

export interface SimulatedQueueOptions {
  readonly visibilitySeconds: number;
  /** Where a message goes after so many receives; without it, it is delivered forever. */
  readonly deadLetter?: { readonly queue: SimulatedQueue; readonly maxReceives: number };
  readonly random: () => number;
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
}

export interface SimulatedMessage extends QueueMessage {
  readonly sentAt: number;
}

/** A standard SQS queue in virtual time: in no order, with visibility timeouts, receive counts and a dead-letter queue. */
export class SimulatedQueue implements JobQueue {
  readonly #clock: VirtualClock;
  readonly #options: SimulatedQueueOptions;
  readonly #messages = new Map<string, Message>();
  readonly #listeners: (() => void)[] = [];
  #sent = 0;
  /** How many messages were received, over all. */
  received = 0;

  constructor(clock: VirtualClock, options: SimulatedQueueOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** The age of the oldest message in milliseconds, 0 where there is none. */
  get oldestAge(): number {
    const sent = [...this.#messages.values()].map(({ sentAt }) => sentAt);
    return sent.length === 0 ? 0 : this.#clock.now - Math.min(...sent);
  }

  async send(body: string): Promise<void> {
    const id = String(++this.#sent);
    this.#put({ id, body, sentAt: this.#clock.now, visibleAt: this.#clock.now, receives: 0 });
  }

  /** Calls `listener` whenever a message may have become visible. */
  onVisible(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Takes up to `max` of the visible messages, any of them. */
  receive(max: number): SimulatedMessage[] {
    const { visibilitySeconds } = this.#options;
    const taken = this.#visible().slice(0, max);
    return taken.map((message) => {
      message.receives++;
      this.received++;
      this.#hide(message, visibilitySeconds);
      const { id, body, sentAt, receives } = message;
      return { messageId: id, receiptHandle: `${id}/${receives}`, body, receiveCount: receives, sentAt };
    });
  }

  async changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    if (!Number.isInteger(seconds)) throw new Error(`SQS takes whole seconds, not ${seconds}.`);
    const message = this.#held(receiptHandle);
    if (message !== undefined) this.#hide(message, seconds);
  }

  delete(receiptHandle: string): void {
    const message = this.#held(receiptHandle);
    if (message !== undefined) this.#messages.delete(message.id);
  }

  /** Visible messages in a random order; those received too often go to the dead-letter queue. */
  #visible(): Message[] {
    const { deadLetter, random } = this.#options;
    const visible = [...this.#messages.values()].filter(({ visibleAt }) => visibleAt <= this.#clock.now);
    const spent = visible.filter(
      ({ receives }) => receives >= (deadLetter?.maxReceives ?? Number.POSITIVE_INFINITY),
    );
    for (const message of spent) {
      this.#messages.delete(message.id);
      if (deadLetter) deadLetter.queue.#put({ ...message, visibleAt: this.#clock.now, receives: 0 });
    }
    const keyed = visible
      .filter((message) => !spent.includes(message))
      .map((message) => ({ message, key: random() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ message }) => message);
  }

  #held(receiptHandle: string): Message | undefined {
    const [id = '', receives] = receiptHandle.split('/');
    const message = this.#messages.get(id);
    return message?.receives === Number(receives) ? message : undefined;
  }

  #hide(message: Message, seconds: number): void {
    message.visibleAt = this.#clock.now + seconds * 1000;
    this.#announce(message.visibleAt);
  }

  #put(message: Message): void {
    this.#messages.set(message.id, message);
    this.#announce(message.visibleAt);
  }

  #announce(at: number): void {
    this.#clock.at(at, () => {
      for (const listener of this.#listeners) listener();
    });
  }
}
