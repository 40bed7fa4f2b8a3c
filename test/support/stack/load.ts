import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, type Job, jobSchema } from '../../../functions/shared/job.ts';
import { drawJpeg } from '../pictures/images.ts';

export interface LoadResult {
  readonly images: number;
  readonly succeeded: number;
  /** From the first request until every job has ended. */
  readonly seconds: number;
  /** From created to finished, by the jobs' own records, in milliseconds. */
  readonly median: number;
  readonly p99: number;
}

/** Different pictures, so that nothing that is kept from one can answer for all. */
const variants = 20;

/** Sends images without waiting for their labels, `atOnce` at a time, then asks until every job has ended. */
export async function load(url: string, images: number, atOnce: number): Promise<LoadResult> {
  const pictures = await Promise.all(
    Array.from({ length: variants }, (_, variant) => drawJpeg(640, 480, variant)),
  );
  const began = performance.now();
  const ids = await inTurn(images, atOnce, (index) => send(url, pictures[index % variants] ?? Buffer.of()));
  const jobs = await inTurn(images, atOnce, (index) => untilEnded(url, ids[index] ?? ''));
  const seconds = (performance.now() - began) / 1000;
  const succeeded = jobs.filter(({ status }) => status === 'succeeded');
  const times = succeeded.map(milliseconds).sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  return { images, succeeded: succeeded.length, seconds, median: at(0.5), p99: at(0.99) };
}

function milliseconds({ createdAt, finishedAt = createdAt }: Job): number {
  return Date.parse(finishedAt) - Date.parse(createdAt);
}

async function send(url: string, picture: Uint8Array): Promise<string> {
  const response = await patiently(new URL('predict', url), {
    method: 'POST',
    headers: { 'Content-Type': 'image/jpeg', Prefer: 'respond-async' },
    body: new Uint8Array(picture),
  });
  return jobSchema.parse(await response.json()).id;
}

async function untilEnded(url: string, id: string): Promise<Job> {
  const deadline = Date.now() + 600_000;
  while (Date.now() < deadline) {
    const response = await patiently(new URL(`status/${id}?wait=20`, url), { method: 'GET' });
    const job = jobSchema.parse(await response.json());
    if (hasEnded(job)) return job;
  }
  throw new Error(`Job ${id} had not ended after ten minutes.`);
}

/** Sends again what is refused for now, as a client should. */
async function patiently(url: URL, request: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(60_000) });
    if (response.ok) return response;
    const transient = [429, 502, 503, 504].includes(response.status);
    if (!transient || attempt === 10)
      throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    await sleep(1000 * (Number(response.headers.get('Retry-After')) || 1) * Math.random() * attempt);
  }
}

/** Does the work for every index, `atOnce` of them at a time; results are in order. */
async function inTurn<Result>(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      results[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
