import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  at,
  jobAnswer,
  predict,
  problem,
  readStatus,
  untilEnded,
  useService,
} from '../support/e2e/client.ts';
import { canMount, smallDisk } from '../support/local/disk.ts';
import {
  kill,
  ServerEnded,
  type ServerProcess,
  startServerProcess,
} from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const image = await drawJpeg(640, 480);
const most = 3000;

/** Submits images until one is refused; resolves to the ids that were promised and to the refusal. */
async function submitUntilRefused(promised: Set<string>): Promise<Response> {
  for (let count = 0; count < most; count++) {
    const answer = await predict(image, '', { Prefer: 'respond-async' });
    if (answer.status !== 202) return answer;
    promised.add(jobAnswer.parse(await answer.json()).id);
  }
  throw new Error(`${most} images were taken, and the disk is still not full.`);
}

async function expectRefusal(answer: Response): Promise<void> {
  expect([503, 507]).toContain(answer.status);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  const { code, detail } = problem.parse(await answer.json());
  expect(['storage_full', 'storage_unwritable']).toContain(code);
  expect(detail).toContain('DATA_DIR');
}

/** Writes until nothing more fits, as another program on the same disk might. */
async function fill(path: string): Promise<string> {
  const filler = join(path, 'filler');
  const piece = Buffer.alloc(64 * 1024, 1);
  while (true) {
    const isFull = await writeFile(filler, piece, { flag: 'a' }).then(
      () => false,
      () => true,
    );
    if (isFull) return filler;
  }
}

async function untilTaken(seconds: number): Promise<string> {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const answer = await predict(image, '', { Prefer: 'respond-async' });
    if (answer.status === 202) return jobAnswer.parse(await answer.json()).id;
    await sleep(200);
  }
  throw new Error(`Nothing was taken for ${seconds} s.`);
}

describe.runIf(canMount)('a disk of 12 MB', () => {
  test('that the images fill refuses more, keeps every id, and is used again when jobs are deleted', async () => {
    await using disk = await smallDisk('12m');
    const server = await start(disk.path);
    useService(server);
    const promised = new Set<string>();
    await expectRefusal(await submitUntilRefused(promised));
    expect((await fetch(at('health'))).status).toBe(200);
    for (const id of promised) expect(await untilEnded(id, 60)).toMatchObject({ status: 'succeeded' });
    for (const id of [...promised].slice(0, promised.size / 2))
      await fetch(at(`status/${id}`), { method: 'DELETE' });
    expect(await untilEnded(await untilTaken(10))).toMatchObject({ status: 'succeeded' });
    console.log(`${promised.size} images were taken before the disk was full`);
    await kill(server);
  });

  test('that another program fills under load keeps every id, and goes on by itself when there is room', async () => {
    await using disk = await smallDisk('12m');
    const server = await start(disk.path);
    useService(server);
    const promised = new Set<string>();
    const load = Promise.all(Array.from({ length: 4 }, () => submitUntilRefused(promised)));
    await sleep(500);
    const filler = await fill(disk.path);
    for (const refusal of await load) await expectRefusal(refusal);
    for (let second = 0; second < 5; second++) {
      await sleep(1000);
      expect((await fetch(at('health'))).status).toBe(200);
      await expectRefusal(await predict(image));
      for (const id of [...promised].slice(0, 5)) expect((await readStatus(id)).id).toBe(id);
    }
    await rm(filler);
    expect(await untilEnded(await untilTaken(10), 60)).toMatchObject({ status: 'succeeded' });
    for (const id of promised) expect(await untilEnded(id, 60)).toMatchObject({ status: 'succeeded' });
    console.log(`${promised.size} jobs were promised before and while the disk filled`);
    await kill(server);
  });

  test('that is full at a restart says so or serves, and no id is lost when there is room', async () => {
    await using disk = await smallDisk('12m');
    const promised = new Set<string>();
    const first = await start(disk.path);
    useService(first);
    for (let count = 0; count < 20; count++)
      promised.add(jobAnswer.parse(await (await predict(image, '', { Prefer: 'respond-async' })).json()).id);
    await kill(first);
    const filler = await fill(disk.path);
    const said = await startAndKill(disk.path);
    expect(said).toMatch(/^serves$|The disk.* is full/);
    console.log('a restart on the full disk:', said);
    await rm(filler);
    const third = await start(disk.path);
    useService(third);
    for (const id of promised) expect(await untilEnded(id, 60)).toMatchObject({ status: 'succeeded' });
    await kill(third);
  });

  test('that is read-only is named at the start', async () => {
    await using disk = await smallDisk('12m', ',ro');
    await expect(start(disk.path)).rejects.toThrow(/DATA_DIR/);
  });
});

test.runIf(canMount)('a folder of images that was deleted under the server is made again', async () => {
  await using disk = await smallDisk('40m');
  const server = await start(disk.path);
  useService(server);
  expect((await predict(image)).status).toBe(200);
  await rm(join(disk.path, 'images'), { recursive: true });
  expect((await predict(image)).status).toBe(200);
  await kill(server);
});

/** What a start came to: `serves`, or the reason why it ended. */
async function startAndKill(path: string): Promise<string> {
  try {
    const server = await start(path);
    const { status } = await fetch(new URL('health', server.url));
    await kill(server);
    return status === 200 ? 'serves' : `answers ${status}`;
  } catch (error) {
    if (error instanceof ServerEnded) return error.message;
    throw error;
  }
}

async function start(path: string): Promise<ServerProcess> {
  return startServerProcess({ ...(await modelEnvironment()), DATA_DIR: path, WORKERS: '1' });
}
