import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import * as z from 'zod';
import { label, problem as problemSchema, upload } from '../../../functions/shared/http/schemas.ts';
import { type Job, jobSchema } from '../../../functions/shared/job.ts';
import { strictly } from '../strictly.ts';

/** Where the service of a test answers; tests that run at the same time have one each. */
const base = new AsyncLocalStorage<string>();

/** Points the functions below at another service than the suite's own, for the rest of this test. */
export function useService({ url }: { readonly url: string }): void {
  base.enterWith(url);
}

let fileBase: string | undefined;

/** The same for every test of a file; to be called before them. */
export function useServiceForFile({ url }: { readonly url: string }): void {
  fileBase = url;
}

/** An address of the service under test, relative to where it answers. */
export function at(path: string): URL {
  return new URL(path, base.getStore() ?? fileBase ?? inject('baseUrl'));
}

/** Every answer is read strictly: a member that the document does not name fails the test. */
export const labels = strictly(z.array(label));
export const problem = strictly(problemSchema);
export const jobAnswer = strictly(jobSchema);
export const uploadAnswer = strictly(upload.extend({ status: z.literal('pending') }));

export function fileForm(image: Uint8Array, filename = 'image.jpg'): FormData {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(image)]), filename);
  return form;
}

export function predict(
  image: Uint8Array,
  query = '',
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(at(`predict${query}`), { method: 'POST', body: fileForm(image), headers });
}

/** The id of the job that an answer names in `Location`. */
export function statusId({ headers }: Response): string {
  return headers.get('Location')?.split('/').at(-1) ?? '';
}

/** Sends an image without waiting for its labels. */
export async function submit(image: Uint8Array): Promise<Job> {
  const response = await predict(image, '', { Prefer: 'respond-async' });
  if (response.status !== 202) throw new Error(`The image was answered with ${response.status}.`);
  return jobAnswer.parse(await response.json());
}

export async function requestUpload(contentType = 'image/jpeg'): Promise<z.infer<typeof uploadAnswer>> {
  const response = await fetch(at('uploads'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ contentType }),
  });
  return uploadAnswer.parse(await response.json());
}

/** Posts an image to storage by the form that `POST /uploads` gave. */
export function postForm(
  { upload }: z.infer<typeof uploadAnswer>,
  image: Uint8Array,
  changes: Record<string, string> = {},
) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...upload.fields, ...changes })) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(image)]), 'image.jpg');
  return fetch(upload.url, { method: 'POST', body: form });
}

export async function readStatus(id: string, query = ''): Promise<Job> {
  const response = await fetch(at(`status/${id}${query}`));
  return jobAnswer.parse(await response.json());
}

/** Polls as a client would until the job has ended. */
export async function untilEnded(id: string, seconds = 30): Promise<Job> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const job = await readStatus(id, '?wait=5');
    if (!['pending', 'processing'].includes(job.status)) return job;
    await sleep(100);
  }
  throw new Error(`Job ${id} had not ended after ${seconds} s.`);
}
