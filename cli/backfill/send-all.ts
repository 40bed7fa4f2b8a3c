import type { RunPart } from '../../functions/label/run-part.ts';
import type { Stack } from './bucket.ts';
import type { IsLabelled } from './labelled.ts';
import { type ListedObject, listImages } from './listing.ts';
import { packParts } from './parts.ts';
import type { RunState } from './run-file.ts';
import { partsInBatch, rateLimit, sendParts, waitForRoom } from './send.ts';

export interface Sending {
  /** Aborts when nothing more is to be sent. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Keeps the run's place. */
  readonly keep: (state: RunState) => Promise<void>;
}

/**
 * Sends everything of a run that is left. Its place is kept before each call that sends, with what is sent, and after it: a run that
 * goes on after a crash sends the same parts again, which overwrite their own results.
 */
export async function sendAll(
  start: RunState,
  stack: Stack,
  isLabelled: IsLabelled,
  { signal, say, keep }: Sending,
): Promise<void> {
  const { sqs, dropQueueUrl } = stack;
  const pass = rateLimit(start.rate);
  const send = async (state: RunState): Promise<RunState> => {
    await waitForRoom(sqs, dropQueueUrl, say);
    await sendParts(sqs, dropQueueUrl, state.pending);
    await pass(pendingObjects(state));
    const sentObjects = state.sentObjects + pendingObjects(state);
    const sent = { ...state, sentObjects, pending: [], lastKey: lastKeyOf(state) };
    await keep(sent);
    return sent;
  };
  let state = start.pending.length > 0 ? await send(start) : start;
  if (state.isListed) return;
  const objects = listTodo(state, stack, isLabelled);
  const { run, bucket, nextPart: firstPart } = state;
  for await (const pending of batches(packParts(objects, { run, bucket, firstPart }))) {
    if (signal.aborted) return;
    state = { ...state, pending, nextPart: state.nextPart + pending.length };
    await keep(state);
    state = await send(state);
  }
  await keep({ ...state, isListed: true });
}

/** The objects of a run that are still to be sent, behind what was sent before. */
export async function* listTodo(
  state: RunState,
  { s3 }: Stack,
  isLabelled: IsLabelled,
  onSkipped: () => void = () => {},
): AsyncGenerator<ListedObject> {
  let left = (state.sample ?? Number.POSITIVE_INFINITY) - state.sentObjects;
  if (left <= 0) return;
  for await (const object of listImages(s3, state, state.lastKey)) {
    if (isLabelled(object)) onSkipped();
    else {
      yield object;
      if (--left <= 0) return;
    }
  }
}

async function* batches(parts: AsyncIterable<RunPart>): AsyncGenerator<RunPart[]> {
  let batch: RunPart[] = [];
  for await (const part of parts) {
    batch.push(part);
    if (batch.length === partsInBatch) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Objects of the parts that may or may not have been sent. */
export function pendingObjects({ pending }: RunState): number {
  return pending.reduce((sum, { objects }) => sum + objects.length, 0);
}

/** The key up to which the listing has been dealt with, once the pending parts are sent. */
export function lastKeyOf({ pending, lastKey }: RunState): string | undefined {
  return pending.at(-1)?.objects.at(-1)?.key ?? lastKey;
}
