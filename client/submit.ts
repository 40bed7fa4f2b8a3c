import type { Api, Model } from './client.ts';
import { Failure, toFailure, unreachable } from './failure.ts';
import { readRetryAfter } from './retry.ts';

/** An answer to {@link Send}: enough of one to tell success from failure. */
export interface Sent {
  readonly status: number;
  readonly body: string;
  /** The header `Retry-After`, where there is one that may be read. */
  readonly retryAfter: string | null;
  /** The header `Location`, likewise. */
  readonly location?: string | null;
}

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Blob | Uint8Array<ArrayBuffer> | FormData;
}

/**
 * Posts a body. A browser does it by XMLHttpRequest, which alone tells progress; anything else by fetch.
 * @throws {Failure} `unreachable` where there is no answer.
 */
export type Send = (message: Message) => Promise<Sent>;

export interface SubmitOptions {
  readonly api: Api;
  /** Address of the service, with a slash at its end. */
  readonly baseUrl: string;
  readonly limits: Model['limits'];
  readonly send?: Send;
  /** New for each image; the same again when one is sent again after no answer came. */
  readonly idempotencyKey: string;
  /** What the model is called by that is to see the image, or several with commas between; default: the service's. */
  readonly model?: string | undefined;
  /** The service's key, where it asks for one. Storage never sees it: a signed form needs none. */
  readonly apiKey?: string | undefined;
}

/** The header that carries a service's key. */
export function keyHeader(apiKey: string | undefined): Record<string, string> {
  return apiKey === undefined ? {} : { 'X-Api-Key': apiKey };
}

/** The two ways in that do not wait. */
export type Way = 'inline' | 'presigned';

/** Which way an image of this size goes. */
export function wayOf(bytes: number, limits: Model['limits']): Way {
  return bytes <= limits.inlineImageBytes ? 'inline' : 'presigned';
}

/**
 * Sends an image the way its size asks for, and resolves to its job's id without waiting for the labels.
 * @throws {Failure} in words for people.
 */
export async function submitImage(image: Blob, options: SubmitOptions): Promise<string> {
  if (image.size === 0) throw emptyFile();
  const most = options.limits.uploadedImageBytes;
  if (image.size > most) {
    const detail = `The image is ${mebibytes(image.size)} MiB. Send one of at most ${mebibytes(most)} MiB.`;
    throw new Failure('image_too_large', detail);
  }
  return wayOf(image.size, options.limits) === 'inline'
    ? sendInline(image, options)
    : sendByForm(image, options);
}

type Labels = readonly { readonly label: string; readonly score: number }[];

/** Labels, best first, of each model by its name where several were asked; or the job that will have them where the wait ended before. */
export type Predicted =
  | { readonly labels: Labels; readonly id?: string }
  | { readonly results: Readonly<Record<string, Labels>>; readonly id?: string }
  | { readonly id: string };

/**
 * Sends an image with the request and waits for its labels. Bytes that are in memory leave it faster than a Blob.
 * @throws {Failure} in words for people.
 */
export async function predictImage(
  image: Blob | Uint8Array<ArrayBuffer>,
  { baseUrl, idempotencyKey, model, apiKey, send = sendByFetch }: SubmitOptions,
  { top, minScore }: { readonly top: number; readonly minScore: number },
): Promise<Predicted> {
  if ((image instanceof Blob ? image.size : image.length) === 0) throw emptyFile();
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Idempotency-Key': idempotencyKey,
    ...keyHeader(apiKey),
  };
  const asked = model === undefined ? '' : `&model=${model}`;
  const url = `${baseUrl}predict?top=${top}&threshold=${minScore}${asked}`;
  const sent = await send({ url, headers, body: image });
  const { status, body } = sent;
  if (status === 202) return { id: readId(body) };
  const answer: unknown = status === 200 ? JSON.parse(body) : undefined;
  const id = sent.location?.split('/').at(-1);
  const more = id !== undefined && { id };
  if (isLabels(answer)) return { labels: answer, ...more };
  if (isLabelsByModel(answer)) return { results: answer, ...more };
  throw sendFailure(sent);
}

async function sendInline(
  image: Blob,
  { baseUrl, idempotencyKey, model, apiKey, send = sendByFetch }: SubmitOptions,
) {
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Idempotency-Key': idempotencyKey,
    Prefer: 'respond-async',
    ...keyHeader(apiKey),
  };
  const asked = model === undefined ? '' : `?model=${model}`;
  const sent = await send({ url: `${baseUrl}predict${asked}`, headers, body: image });
  if (sent.status !== 202) throw sendFailure(sent);
  return readId(sent.body);
}

async function sendByForm(image: Blob, { api, idempotencyKey, model, send = sendByFetch }: SubmitOptions) {
  const contentType = /^image\/[a-z0-9][a-z0-9.+-]*$/.test(image.type) ? image.type : 'image/unknown';
  const { data, error, response } = await answered(
    api.POST('/uploads', {
      body: { contentType, ...(model !== undefined && { model }) },
      params: { header: { 'Idempotency-Key': idempotencyKey } },
    }),
  );
  if (data === undefined) throw toFailure(response.status, error);
  const form = new FormData();
  for (const [name, value] of Object.entries(data.upload.fields)) form.append(name, value);
  form.append('file', image);
  const sent = await send({ url: data.upload.url, headers: {}, body: form });
  if (sent.status >= 300) throw sendFailure(sent);
  return data.id;
}

/** A call's result; a network failure becomes one in words. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
}

const sendByFetch: Send = async ({ url, headers, body }) => {
  const response = await answered(fetch(url, { method: 'POST', headers, body }));
  const retryAfter = response.headers.get('Retry-After');
  const location = response.headers.get('Location');
  return { status: response.status, body: await answered(response.text()), retryAfter, location };
};

function sendFailure({ status, body, retryAfter }: Sent): Failure {
  return toFailure(status, body, readRetryAfter(retryAfter));
}

function readId(body: string): string {
  const job: unknown = JSON.parse(body);
  if (typeof job === 'object' && job !== null && 'id' in job && typeof job.id === 'string') return job.id;
  throw toFailure(0, body);
}

function isLabels(value: unknown): value is { label: string; score: number }[] {
  return (
    Array.isArray(value) &&
    value.every((item) => typeof item?.label === 'string' && typeof item.score === 'number')
  );
}

function isLabelsByModel(value: unknown): value is Record<string, Labels[number][]> {
  return typeof value === 'object' && value !== null && Object.values(value).every(isLabels);
}

function emptyFile(): Failure {
  return new Failure('empty_file', 'The file is empty. Choose another one.');
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toLocaleString('en', { maximumFractionDigits: 1 });
}
