import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, createApi, hasEnded, type Job, type Model } from '../../client/client.ts';
import { Failure, toFailure } from '../../client/failure.ts';
import { pauseFor } from '../../client/retry.ts';
import { answered, keyHeader, predictImage, submitImage, wayOf } from '../../client/submit.ts';
import { command } from '../../functions/shared/command.ts';
import { UsageError } from '../../functions/shared/usage-error.ts';
import type { Options } from './options.ts';
import { chooseFrom, type Engine, type FileResult } from './result.ts';
import { sendBytes } from './send.ts';

/** Milliseconds between attempts where the service does not answer. */
const pauses = [500, 1000, 2000, 4000, 8000];

/** Ends of a job that another attempt would only find again. */
const finalCodes = ['gave_up', 'lost'];

/**
 * Classifies by a running service, with as many images in memory as are under way. Large ones are streamed from disk.
 * @throws {Failure} where the service does not answer.
 */
export async function openRemote(options: Options, server: string): Promise<Engine> {
  const baseUrl = server.endsWith('/') ? server : `${server}/`;
  const { apiKey } = options;
  const api = createApi(baseUrl, (request) => {
    for (const [name, value] of Object.entries(keyHeader(apiKey))) request.headers.set(name, value);
    return fetch(request);
  });
  const { limits } = await readModel(api, baseUrl);
  const models = await readModelNames(api, options.model);
  const classify = async (file: string): Promise<FileResult> => {
    try {
      const { size } = await stat(file);
      const submit = { api, baseUrl, limits, idempotencyKey: randomUUID(), model: options.model, apiKey };
      const answer = await patiently(async () =>
        wayOf(size, limits) === 'inline'
          ? predictImage(await readFile(file), { ...submit, send: sendBytes }, options)
          : { id: await submitImage(await openAsBlob(file), submit) },
      );
      if ('labels' in answer) return { file, labels: answer.labels };
      if ('results' in answer) return { file, results: answer.results };
      return toResult(file, await untilEnded(api, answer.id, options.top), options);
    } catch (error) {
      return { file, error: toError(error) };
    }
  };
  return { concurrency: options.concurrency, models, classify, [Symbol.asyncDispose]: async () => {} };
}

async function readModel(api: Api, baseUrl: string): Promise<Model> {
  const call = api.GET('/model');
  const { data, error, response } = await answered(call).catch(() => {
    const detail = `No service answers at ${baseUrl}. Start one with "${command('serve')}", or leave out --server to classify here.`;
    throw new Failure('unreachable', detail);
  });
  if (data !== undefined) return data;
  const failure = toFailure(response.status, error);
  if (failure.code !== 'unauthorized') throw failure;
  throw new Failure('unauthorized', 'The service asks for a key: give it with --api-key or PREDICT_API_KEY.');
}

/**
 * What the models are called by that are asked, where they are several.
 * @throws {UsageError} where the service has no such model, naming those that it has.
 */
async function readModelNames(api: Api, asked: string | undefined): Promise<string[] | undefined> {
  if (asked === undefined) return undefined;
  const { data, error, response } = await answered(api.GET('/models'));
  if (data === undefined) throw toFailure(response.status, error);
  const there = data.map(({ name }) => name);
  const names = asked.split(',');
  const unknown = names.find((name) => !there.includes(name));
  if (unknown === undefined) return names.length > 1 ? names : undefined;
  throw new UsageError(`--model names ${unknown}, and the service has ${there.join(', ')}.`);
}

async function untilEnded(api: Api, id: string, top: number): Promise<Job> {
  while (true) {
    const job = await patiently(async () => {
      const params = { path: { id }, query: { wait: 25, top } };
      const { data, error, response } = await answered(api.GET('/status/{id}', { params }));
      if (data === undefined) throw toFailure(response.status, error);
      return data;
    });
    if (hasEnded(job)) return job;
  }
}

/** How long a service that asks for patience is waited for. */
const patienceMilliseconds = 5 * 60_000;

/** Tries again for some seconds what the connection spoilt, and for some minutes, when it is asked to, what a busy service refused. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + patienceMilliseconds;
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      const again = error instanceof Failure && error.transient && !finalCodes.includes(error.code);
      if (!again) throw error;
      const { retryAfterSeconds } = error;
      const pause = retryAfterSeconds === undefined ? pauses[failures++] : pauseFor(retryAfterSeconds);
      if (pause === undefined || performance.now() + pause > until) throw error;
      await sleep(pause);
    }
  }
}

/** A service that stays away stops the whole run; anything else concerns one file. */
function toError(error: unknown): { code: string; detail: string } {
  if (error instanceof Failure) {
    if (error.code === 'unreachable') throw error;
    return { code: error.code, detail: error.message };
  }
  if (error instanceof Error && 'code' in error)
    return { code: 'unreadable', detail: 'The file cannot be read.' };
  throw error;
}

function toResult(file: string, { predictions, results, error }: Job, options: Options): FileResult {
  if (predictions !== undefined || results !== undefined)
    return { file, ...chooseFrom({ predictions, results }, options) };
  return { file, error: error ?? { code: 'failed', detail: 'The image could not be classified.' } };
}
