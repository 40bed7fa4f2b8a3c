import { appendFile, mkdir, open, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type LabelDocument, labelDocument, labelName } from '../../functions/shared/label-document.ts';
import {
  kill,
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { drawJpeg } from '../support/pictures/images.ts';

interface Watched extends AsyncDisposable {
  readonly inbox: string;
  readonly labels: string;
  start(): Promise<ServerProcess>;
  /** The label document of a picture, once it is there. */
  document(key: string): Promise<LabelDocument>;
}

/** A folder to watch, and servers that watch it. */
async function watchedFolder(): Promise<Watched> {
  const folder = await temporaryFolder();
  const [inbox, labels] = [join(folder.path, 'inbox'), join(folder.path, 'labels')];
  await mkdir(inbox);
  const environment = {
    ...(await modelEnvironment()),
    DATA_DIR: join(folder.path, 'data'),
    WATCH: inbox,
    LABELS: labels,
  };
  const servers: ServerProcess[] = [];
  const read = (key: string) => readFile(join(labels, `${key}.json`), 'utf8').catch(() => undefined);
  return {
    inbox,
    labels,
    async start() {
      const server = await startServerProcess(environment);
      servers.push(server);
      return server;
    },
    async document(key) {
      await expect.poll(() => read(key), { timeout: 20_000 }).toBeDefined();
      return labelDocument.parse(JSON.parse((await read(key)) ?? ''));
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) await kill(server);
      await folder[Symbol.asyncDispose]();
    },
  };
}

const countLabelled = (server: ServerProcess) => server.output().match(/picture labelled/g)?.length ?? 0;

test('a watched folder has a document for what is there, what comes and what is moved in', async () => {
  await using watched = await watchedFolder();
  const { inbox } = watched;
  await writeFile(join(inbox, 'there.jpg'), await drawJpeg());
  await watched.start();
  expect(await watched.document('there.jpg')).toMatchObject({
    object: { key: 'there.jpg', size: (await drawJpeg()).length },
    predictions: expect.arrayContaining([expect.objectContaining({ index: expect.any(Number) })]),
  });
  await mkdir(join(inbox, 'a', 'b'), { recursive: true });
  await writeFile(join(inbox, 'a', 'b', 'comes.jpg'), await drawJpeg(200, 100, 1));
  expect(await watched.document('a/b/comes.jpg')).toMatchObject({ image: { width: 200, height: 100 } });
  const elsewhere = join(inbox, '..', 'elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'moved in.jpg'), await drawJpeg(100, 200, 2));
  await rename(elsewhere, join(inbox, 'moved'));
  expect(await watched.document('moved/moved in.jpg')).toMatchObject({ image: { width: 100, height: 200 } });
});

test('a watched picture that is replaced is labelled again, and one that is no image has the reason', async () => {
  await using watched = await watchedFolder();
  const { inbox, labels } = watched;
  await writeFile(join(inbox, 'picture.jpg'), 'not a picture');
  await writeFile(join(inbox, 'notes.txt'), 'not a picture, and not named like one');
  await writeFile(join(inbox, '.hidden.jpg'), await drawJpeg());
  await watched.start();
  expect(await watched.document('picture.jpg')).toMatchObject({ error: { code: 'unsupported_image' } });
  await writeFile(join(inbox, 'picture.jpg'), await drawJpeg());
  await expect
    .poll(async () => (await watched.document('picture.jpg')).error, { timeout: 20_000 })
    .toBeUndefined();
  expect(await readdir(labels)).toEqual(['picture.jpg.json']);
});

test('a picture that is still being written is labelled when it is whole', async () => {
  await using watched = await watchedFolder();
  const path = join(watched.inbox, 'slow.jpg');
  await watched.start();
  const jpeg = await drawJpeg(640, 480);
  for (let at = 0; at < jpeg.length; at += Math.ceil(jpeg.length / 10)) {
    await appendFile(path, jpeg.subarray(at, at + Math.ceil(jpeg.length / 10)));
    await sleep(200);
  }
  expect(await watched.document('slow.jpg')).toMatchObject({ image: { bytes: jpeg.length } });
});

test('a server that is killed again and again labels a thousand pictures, each once', async () => {
  await using watched = await watchedFolder();
  const names = Array.from({ length: 1000 }, (_, at) => `${at}.jpg`);
  const jpeg = await drawJpeg(64, 64);
  for (const name of names) await writeFile(join(watched.inbox, name), jpeg);
  let labelled = 0;
  for (let kills = 0; kills < 3; kills++) {
    const server = await watched.start();
    await expect.poll(() => countLabelled(server), { timeout: 30_000, interval: 5 }).toBeGreaterThan(50);
    await kill(server);
    labelled += countLabelled(server);
  }
  const server = await watched.start();
  const documents = async () => (await readdir(watched.labels)).filter((name) => name.endsWith('.jpg.json'));
  await expect.poll(async () => (await documents()).length, { timeout: 50_000 }).toBe(names.length);
  await expect.poll(() => labelled + countLabelled(server)).toBeGreaterThanOrEqual(names.length - 3 * 8);
  // Only what a killed server was about to say may be missing; nothing was labelled twice.
  expect(labelled + countLabelled(server)).toBeLessThanOrEqual(names.length);
  await kill(server);
  const again = await watched.start();
  await writeFile(join(watched.inbox, 'last.jpg'), jpeg);
  await watched.document('last.jpg');
  expect(countLabelled(again)).toBe(1);
});

test('a file name that leaves no room for .json is cut, and ends in a digest', async () => {
  const name = `${'ä'.repeat(125)}.jpg`;
  await using watched = await watchedFolder();
  await (await open(join(watched.inbox, name), 'w')).close();
  await watched.start();
  await expect.poll(() => readdir(watched.labels).catch(() => []), { timeout: 20_000 }).toHaveLength(1);
  const [written = ''] = await readdir(watched.labels);
  expect(written).toMatch(/^ä+~[0-9a-f]{16}\.json$/);
  expect(Buffer.byteLength(written)).toBeLessThanOrEqual(255);
  expect(written).toBe(labelName(name, 255));
  const document = labelDocument.parse(JSON.parse(await readFile(join(watched.labels, written), 'utf8')));
  expect(document).toMatchObject({ object: { key: name }, error: { code: 'empty_file' } });
});

test.each([
  [{ WATCH: '/tmp' }, 'WATCH and LABELS go together'],
  [
    { WATCH: '/no/such/folder', LABELS: '/tmp/labels' },
    'WATCH names /no/such/folder, which is not a folder.',
  ],
])('a server does not start with %j', async (environment, message) => {
  await using folder = await temporaryFolder();
  const given = { ...(await modelEnvironment()), DATA_DIR: folder.path, ...environment };
  await expect(startServerProcess(given)).rejects.toThrow(message);
});
