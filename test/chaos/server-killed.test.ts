import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  jobAnswer,
  postForm,
  predict,
  requestUpload,
  untilEnded,
  useService,
} from '../support/e2e/client.ts';
import { kill, startServerProcess, temporaryFolder } from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const kills = 30;
const clients = 8;
const images = await Promise.all(Array.from({ length: 8 }, (_, variant) => drawJpeg(640, 480, variant)));

describe('a server killed at random moments under load', () => {
  test(`ends every job it answered with an id, over ${kills} times`, async () => {
    await using folder = await temporaryFolder();
    const environment = { ...(await modelEnvironment()), DATA_DIR: folder.path };
    const promised = new Set<string>();
    for (let round = 0; round < kills; round++) {
      const server = await startServerProcess(environment);
      useService(server);
      const load = Promise.all(
        Array.from({ length: clients }, (_, client) => submitUntilKilled(client, promised)),
      );
      await sleep(100 + Math.random() * 900);
      await kill(server);
      await load;
    }
    expect(promised.size).toBeGreaterThan(kills * clients);

    const server = await startServerProcess(environment);
    useService(server);
    const statuses = new Map<string, number>();
    for (const id of promised) {
      const { status } = await untilEnded(id, 60);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    await kill(server);
    console.log(`${promised.size} jobs over ${kills} kills:`, Object.fromEntries(statuses));
    expect([...statuses.keys()]).toEqual(['succeeded']);
  });
});

/** Sends images by both ways in until the server is gone, and notes each id that the server has promised to end. */
async function submitUntilKilled(client: number, promised: Set<string>): Promise<void> {
  try {
    for (let turn = client; ; turn++) {
      const image = images[turn % images.length] ?? Buffer.alloc(0);
      if (turn % 4 === 0) promised.add(await upload(image));
      else promised.add(await submit(image));
    }
  } catch {
    // The server was killed: what it has not answered it has not promised.
  }
}

async function submit(image: Uint8Array): Promise<string> {
  const response = await predict(image, '', { Prefer: 'respond-async' });
  return jobAnswer.parse(await response.json()).id;
}

async function upload(image: Uint8Array): Promise<string> {
  const answer = await requestUpload();
  const stored = await postForm(answer, image);
  if (!stored.ok) throw new Error(await stored.text());
  return answer.id;
}
