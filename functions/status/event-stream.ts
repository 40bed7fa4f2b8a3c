import { setTimeout as sleep } from 'node:timers/promises';
import { jobView } from '../shared/http/job-view.ts';
import type { Selection } from '../shared/http/parameters.ts';
import { hasEnded, type Job } from '../shared/job.ts';
import { limits } from '../shared/limits.ts';
import type { JobStore } from '../shared/ports.ts';

export interface EventStreamOptions {
  readonly chosen: Selection;
  /** The version the client has seen already (`Last-Event-ID`), 0 for none. */
  readonly lastVersion: number;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Time between two comments that keep the connection alive. */
  readonly heartbeatSeconds?: number;
}

/**
 * A job's states as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one `status` event per
 * state seen, its id the job's version. The last state ends the stream; a deleted job ends it with `deleted`. A comment keeps
 * the connection alive. A stream that reaches the time limit ends, and the client connects again.
 */
export async function* eventStream(
  jobs: JobStore,
  id: string,
  options: EventStreamOptions,
): AsyncGenerator<string> {
  const done = new AbortController();
  const length = AbortSignal.timeout(limits.eventStreamSeconds * 1000);
  const signal = AbortSignal.any([options.signal, length, done.signal]);
  const states = jobs.watch(id, signal)[Symbol.asyncIterator]();
  try {
    yield retryEvent;
    let state = states.next();
    const { heartbeatSeconds = limits.heartbeatSeconds } = options;
    let beat = heartbeat(heartbeatSeconds, signal);
    while (true) {
      const next = await Promise.race([state, beat]);
      if (next === undefined) {
        yield ': still here\n\n';
        beat = heartbeat(heartbeatSeconds, signal);
      } else if (next.done) {
        if (!signal.aborted) yield 'event: deleted\ndata: {}\n\n';
        return;
      } else {
        if (next.value.version > options.lastVersion) yield statusEvent(next.value, options.chosen);
        if (hasEnded(next.value)) return;
        state = states.next();
      }
    }
  } finally {
    done.abort();
  }
}

/** How long a client waits before it connects again, in milliseconds. */
export const retryEvent = 'retry: 1000\n\n';

export function statusEvent(job: Job, chosen: Selection): string {
  return `id: ${job.version}\nevent: status\ndata: ${JSON.stringify(jobView(job, chosen))}\n\n`;
}

/** Resolves to `undefined` when it is time for a comment; never after `signal` has aborted. */
function heartbeat(seconds: number, signal: AbortSignal): Promise<undefined> {
  return sleep(seconds * 1000, undefined, { signal }).catch(() => new Promise<never>(() => {}));
}
