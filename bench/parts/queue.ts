import type { Agent } from 'node:http';
import * as z from 'zod';
import { inParallel, keepAlive, send } from '../harness/client.ts';
import type { Contender } from '../harness/contenders.ts';
import type { Photo, ReferencePhoto } from '../harness/photos.ts';
import { watchOthers } from '../harness/processor.ts';
import { startContender } from '../harness/server.ts';

const granted = z.object({
  id: z.string(),
  statusUrl: z.string(),
  upload: z.object({ url: z.url(), fields: z.record(z.string(), z.string()) }),
});
const job = z.object({ status: z.string(), finishedAt: z.coerce.date().optional() });

export interface QueueOptions {
  readonly photos: readonly ReferencePhoto[];
  readonly probe: ReferencePhoto;
  readonly uploads: number;
}

/**
 * Uploads by presigned form, eight at a time, from the first request for a form to the moment that the last job ended, as the jobs
 * themselves say afterwards: asking meanwhile would cost what is measured.
 */
export async function runQueue(contender: Contender, { photos, probe, uploads }: QueueOptions) {
  await using server = await startContender(contender, probe);
  const agent = keepAlive(8);
  await uploadAll(server.url, agent, photos.slice(0, 50));
  const wanted = Array.from({ length: uploads }, (_, index) => photos[index % photos.length] ?? probe);
  const started = Date.now();
  const before = process.cpuUsage();
  const { result: statusUrls, others } = await watchOthers(() => uploadAll(server.url, agent, wanted));
  const { user, system } = process.cpuUsage(before);
  const ends = await waitForAll(statusUrls, agent);
  agent.destroy();
  const seconds = (Math.max(...ends.map(({ finishedAt }) => finishedAt)) - started) / 1000;
  const succeeded = ends.filter(({ status }) => status === 'succeeded').length;
  return {
    uploads,
    succeeded,
    perSecond: uploads / seconds,
    clientShare: (user + system) / 1e6 / seconds,
    others,
  };
}

async function uploadAll(url: string, agent: Agent, photos: readonly Photo[]): Promise<string[]> {
  const statusUrls: string[] = [];
  await inParallel(photos, 8, async (photo) => {
    statusUrls.push(await upload(url, agent, photo));
  });
  return statusUrls;
}

/** Asks for a form and sends the photo by it; answers with where its job is. */
async function upload(url: string, agent: Agent, photo: Photo): Promise<string> {
  const body = JSON.stringify({ contentType: 'image/jpeg' });
  const answer = await send(agent, {
    method: 'POST',
    url: new URL('uploads', url),
    type: 'application/json',
    body,
  });
  const { upload: form, statusUrl } = granted.parse(JSON.parse(answer.body));
  const { status, body: text } = await send(agent, {
    method: 'POST',
    url: form.url,
    ...toForm(form.fields, photo),
  });
  if (status !== 204 && status !== 201) throw new Error(`${photo.name}: ${status} ${text.slice(0, 200)}`);
  return new URL(statusUrl, url).href;
}

/** The form's fields, then the file, which storage wants last. */
function toForm(fields: Readonly<Record<string, string>>, photo: Photo): { type: string; body: Buffer } {
  const boundary = 'label-on-upload-queue';
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(parts.join('') + file),
    photo.bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}

async function waitForAll(statusUrls: readonly string[], agent: Agent) {
  const ends: { status: string; finishedAt: number }[] = [];
  // The last one first: once it has ended, hardly any other is left to wait for.
  for (const statusUrl of statusUrls.toReversed()) ends.push(await waitForEnd(statusUrl, agent));
  return ends;
}

async function waitForEnd(statusUrl: string, agent: Agent) {
  for (let attempt = 0; attempt < 10; attempt++) {
    const { body } = await send(agent, { method: 'GET', url: `${statusUrl}?wait=25` });
    const { status, finishedAt } = job.parse(JSON.parse(body));
    if (finishedAt !== undefined) return { status, finishedAt: finishedAt.getTime() };
  }
  throw new Error(`${statusUrl} does not end.`);
}
