import createClient, { type Client } from 'openapi-fetch';
import { type Fetch, obedient } from './retry.ts';
import type { components, paths } from './schema.ts';

type Schemas = components['schemas'];
export type Job = Schemas['Job'];
export type Label = Schemas['Label'];
export type Prediction = Schemas['Prediction'];
export type Model = Schemas['Model'];
export type Upload = Schemas['Upload'];
export type ProblemDetails = Schemas['Problem'];

export type Api = Client<paths>;

/**
 * A client of the API at `baseUrl` (its own address, with or without a slash at the end), typed by its OpenAPI document. Every
 * call resolves to `data` or to the problem in `error`; it throws only where there was no answer at all. A service
 * that is busy is asked again after the time it names.
 */
export function createApi(baseUrl: string, fetch: Fetch = (request) => globalThis.fetch(request)): Api {
  return createClient<paths>({ baseUrl, fetch: obedient(fetch) });
}

/** Whether there is nothing more to come. */
export function hasEnded({ status }: Pick<Job, 'status'>): boolean {
  return status !== 'pending' && status !== 'processing';
}
