import { hasEnded, type Job } from '../../client/client.ts';
import { Failure, toFailure } from '../../client/failure.ts';
import { answered } from '../../client/submit.ts';
import { api, baseUrl, cancelled } from './api.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Told when the line is lost and the job is asked for again, and when it is back. */
  readonly onLine: (connected: boolean) => void;
}

/** How long a service that does not answer is asked again. */
const patienceMilliseconds = 5 * 60_000;
/** A stream that cannot be had once may be had again; one that fails this often is given up for polling. */
const streamAttempts = 3;

/**
 * Resolves to the job once it has ended: by its event stream, or by asking where streams do not work.
 * @throws {Failure} where there is no such job (any more), or the service stays away.
 */
export async function followJob(id: string, options: FollowOptions): Promise<Job> {
  return (await byEvents(id, options)) ?? byPolling(id, options);
}

/** Resolves to `undefined` where the stream does not work. */
function byEvents(id: string, { signal }: FollowOptions): Promise<Job | undefined> {
  return new Promise((resolve, reject) => {
    const source = new EventSource(`${baseUrl}status/${id}/events`);
    let failures = 0;
    const settle = (end: () => void) => {
      source.close();
      end();
    };
    source.addEventListener('status', (event: MessageEvent<string>) => {
      failures = 0;
      const job: Job = JSON.parse(event.data);
      if (hasEnded(job)) settle(() => resolve(job));
    });
    source.addEventListener('deleted', () => settle(() => reject(deleted())));
    source.onerror = () => {
      failures++;
      if (source.readyState === EventSource.CLOSED || failures >= streamAttempts)
        settle(() => resolve(undefined));
    };
    signal.addEventListener('abort', () => settle(() => reject(cancelled())), { once: true });
  });
}

async function byPolling(id: string, { signal, onLine }: FollowOptions): Promise<Job> {
  let lastAnswer = Date.now();
  for (let pause = 500; ; pause = Math.min(pause * 1.5, 5000)) {
    if (signal.aborted) throw cancelled();
    try {
      const job = await ask(id);
      onLine(true);
      lastAnswer = Date.now();
      pause = 500;
      if (hasEnded(job)) return job;
    } catch (error) {
      if (!(error instanceof Failure) || !error.transient || Date.now() - lastAnswer > patienceMilliseconds)
        throw error;
      onLine(false);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function ask(id: string): Promise<Job> {
  const call = api.GET('/status/{id}', { params: { path: { id }, query: { wait: 10 } } });
  const { data, error, response } = await answered(call);
  if (data === undefined) throw toFailure(response.status, error);
  return data;
}

function deleted(): Failure {
  return new Failure('not_found', 'The picture was deleted before it was classified.');
}
