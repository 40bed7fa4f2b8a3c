import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  jobAnswer,
  postForm,
  predict,
  requestUpload,
  statusId,
  untilEnded,
  useService,
} from '../support/e2e/client.ts';
import { kill, startServerProcess, temporaryFolder } from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const kills = 30;
const clients = 8;
/** Jobs that the server promises in each round before it is killed, however long that takes on this machine. */
const leastPromised = 10;
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
      const wanted = promised.size + leastPromised + Math.floor(Math.random() * 4 * leastPromised);
      await Promise.race([untilPromised(promised, wanted), load]);
      await sleep(Math.random() * 100);
      await kill(server);
      await load;
      // Fewer mean that the server stopped answering before it was killed.
      expect(promised.size).toBeGreaterThanOrEqual(wanted);
    }

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

async function untilPromised(promised: ReadonlySet<string>, wanted: number): Promise<void> {
  while (promised.size < wanted) await sleep(5);
}

/** Sends images directly, with and without waiting, and by upload form until the server is killed, and keeps each id it was told. */
async function submitUntilKilled(client: number, promised: Set<string>): Promise<void> {
  try {
    for (let turn = client; ; turn++) {
      const image = images[turn % images.length] ?? Buffer.alloc(0);
      if (turn % 4 === 0) promised.add(await upload(image));
      else if (turn % 4 === 1) promised.add(await answeredAtOnce(image));
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

async function answeredAtOnce(image: Uint8Array): Promise<string> {
  const response = await predict(image);
  if (!response.ok) throw new Error(await response.text());
  return statusId(response);
}

async function upload(image: Uint8Array): Promise<string> {
  const answer = await requestUpload();
  const stored = await postForm(answer, image);
  if (!stored.ok) throw new Error(await stored.text());
  return answer.id;
}
