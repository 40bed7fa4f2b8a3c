import type { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { quantile } from '../../infra/scaling/statistics.ts';
import { inParallel, keepAlive, post, send } from '../harness/client.ts';
import type { Launch } from '../harness/contenders.ts';
import { multipart, multipartType, type Photo } from '../harness/photos.ts';
import { memoryOf } from '../harness/processes.ts';
import type { Figures } from '../harness/results.ts';
import { startServer } from '../harness/server.ts';
import type { Materials } from './round.ts';

const submitted = z.object({ id: z.string() });
const granted = submitted.extend({
  upload: z.object({ url: z.url(), fields: z.record(z.string(), z.string()) }),
});
const job = z.object({ status: z.string(), finishedAt: z.coerce.date().nullish() });

/** Hands a photo in; resolves to where its job is told about. */
export type Submit = (url: string, photo: Photo, agent: Agent) => Promise<string>;

export const submitByPredict: Submit = async (url, photo, agent) => {
  const { id } = submitted.parse(
    JSON.parse(await post(url, photo, { agent, prefer: 'respond-async', wanted: 202 })),
  );
  return new URL(`status/${id}`, url).href;
};

/** Asks for a presigned form and sends the photo by it. */
export const submitByForm: Submit = async (url, photo, agent) => {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ contentType: 'image/jpeg' });
  const answer = await send(agent, { method: 'POST', url: new URL('uploads', url), headers, body });
  const { id, upload } = granted.parse(JSON.parse(answer.body));
  const form = { headers: { 'Content-Type': multipartType }, body: multipart(photo, upload.fields) };
  const sent = await send(agent, { method: 'POST', url: upload.url, ...form });
  if (sent.status !== 204) throw new Error(`${sent.status} ${sent.body.slice(0, 200)}`);
  return new URL(`status/${id}`, url).href;
};

/**
 * Hands in so many photos, eight at a time; figures are named after the `way`. The rate is from the first of them to the end of the last job,
 * a latency from before a photo is sent to the end of its job, as the jobs themselves say: asking meanwhile would cost what is measured.
 */
export async function runQueue(
  launch: Launch,
  { photos, probe }: Materials,
  { uploads, way, submit }: { readonly uploads: number; readonly way: string; readonly submit: Submit },
): Promise<Figures> {
  await using server = await startServer(launch, probe);
  const agent = keepAlive(8);
  const handIn = async (count: number) => {
    const jobs: { statusUrl: string; began: number }[] = [];
    const wanted = Array.from({ length: count }, (_, index) => photos[index % photos.length] ?? probe);
    await inParallel(wanted, 8, async (photo) => {
      const began = Date.now();
      jobs.push({ statusUrl: await submit(server.url, photo, agent), began });
    });
    return jobs;
  };
  const warm = await handIn(50);
  for (const { statusUrl } of warm) await waitForEnd(statusUrl, agent);
  const started = Date.now();
  const jobs = await handIn(uploads);
  await waitForEnd(jobs.at(-1)?.statusUrl ?? '', agent);
  const ends: { end: number; latency: number }[] = [];
  await inParallel(jobs, 8, async ({ statusUrl, began }) => {
    const end = await waitForEnd(statusUrl, agent);
    ends.push({ end, latency: end - began });
  });
  agent.destroy();
  const latencies = ends.map(({ latency }) => latency);
  const seconds = (Math.max(...ends.map(({ end }) => end)) - started) / 1000;
  return {
    [`${way} rate`]: uploads / seconds,
    [`${way} p50`]: quantile(latencies, 0.5),
    [`${way} p99`]: quantile(latencies, 0.99),
    [`${way} memory`]: await memoryOf(server.pid),
  };
}

/** When a job ended, or nothing so far. @throws {Error} where it failed. */
export async function endOf(statusUrl: string, agent: Agent): Promise<number | undefined> {
  const { body } = await send(agent, { method: 'GET', url: statusUrl });
  const { status, finishedAt } = job.parse(JSON.parse(body));
  if (status === 'failed' || status === 'expired') throw new Error(`${statusUrl} has ${status}.`);
  return finishedAt?.getTime();
}

/** Asks four times a second, which takes next to nothing from the work. */
async function waitForEnd(statusUrl: string, agent: Agent): Promise<number> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const end = await endOf(statusUrl, agent);
    if (end !== undefined) return end;
    await sleep(250);
  }
  throw new Error(`${statusUrl} does not end.`);
}
