import type { SQSRecord } from 'aws-lambda';
import type { Ports } from './ports.ts';

/** How often a message was delivered, this time included. */
export function receiveCount(record: SQSRecord): number {
  return Number(record.attributes.ApproximateReceiveCount);
}

export interface GiveBackPorts extends Pick<Ports, 'telemetry'> {
  readonly queue: Pick<Ports['queue'], 'changeVisibility'>;
}

/** Makes a message visible again before its time is up. Where that fails it just comes later. Resolves to `false`: it is not done with. */
export async function giveBack(
  record: SQSRecord,
  { queue, telemetry }: GiveBackPorts,
  seconds: number,
): Promise<false> {
  await queue.changeVisibility(record.receiptHandle, seconds).catch((cause: unknown) => {
    telemetry.warn('visibility not shortened', { cause: String(cause) });
  });
  return false;
}
