import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Announcer, LabelPlace } from '../functions/label/ports.ts';
import type { LabelDocument } from '../functions/shared/label-document.ts';

/** What subscribers match on, beside the source. */
export const labelledEvent = 'Image labelled';

/**
 * Announces label documents on the account's default event bus.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export class EventBusAnnouncer implements Announcer {
  readonly #client: EventBridgeClient;
  readonly #source: string;

  /** @param source the stack's name. */
  constructor(client: EventBridgeClient, source: string) {
    this.#client = client;
    this.#source = source;
  }

  /** @throws {Error} where the bus does not take it. */
  async announce({ object, predictions, error }: LabelDocument, labels: LabelPlace): Promise<void> {
    const [best] = predictions ?? [];
    const detail = {
      object,
      labels,
      ...(best !== undefined && { best: { label: best.label, score: best.score } }),
      ...(error !== undefined && { error }),
    };
    const entry = { Source: this.#source, DetailType: labelledEvent, Detail: JSON.stringify(detail) };
    const { FailedEntryCount, Entries } = await this.#client.send(new PutEventsCommand({ Entries: [entry] }));
    if (FailedEntryCount) throw new Error(`The event was not taken: ${Entries?.[0]?.ErrorMessage}.`);
  }
}
