import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { newJob } from '../../../functions/shared/job.ts';
import { imageKeyOf, objectCreatedMessage } from '../../../functions/shared/object-event.ts';
import { readSettings } from '../../../local/settings.ts';
import { makeFolder } from '../../../local/stores/folder.ts';
import { schemaVersion } from '../../../local/stores/schema.ts';
import { openStores, type Stores } from '../../../local/stores/stores.ts';
import { temporaryFolder } from '../../support/local/server-process.ts';

const hour = 3_600_000;

/** The stores at the settings that a server starts with. */
function open(dataDir: string, clock?: () => number): Promise<Stores> {
  return openStores({ ...readSettings([], {}), dataDir }, () => 'http://127.0.0.1:1/storage', clock);
}

const receive = (stores: Stores) => stores.queue.receive({ max: 10, waitSeconds: 0 });

describe('the queue', () => {
  test('goes by a clock of its own: setting back the time of day holds no message back', async () => {
    await using folder = await temporaryFolder();
    const stores = await open(folder.path);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    try {
      await stores.queue.send('before');
      vi.setSystemTime(Date.now() - 2 * hour);
      expect(await receive(stores)).toMatchObject([{ body: 'before' }]);
      await stores.queue.send('after');
      expect(await receive(stores)).toMatchObject([{ body: 'after' }]);
      vi.setSystemTime(Date.now() + 4 * hour);
      expect(await receive(stores)).toEqual([]);
    } finally {
      vi.useRealTimers();
      await stores.close();
    }
  });

  test('delivers again after the visibility time-out, not before', async () => {
    await using folder = await temporaryFolder();
    let now = Date.now();
    const stores = await open(folder.path, () => now);
    await stores.queue.send('held');
    await receive(stores);
    now += 29_000;
    expect(await receive(stores)).toEqual([]);
    now += 2000;
    expect(await receive(stores)).toMatchObject([{ body: 'held', receiveCount: 2 }]);
    await stores.close();
  });

  test('delivers after a restart what a clock that was wrong has put into the future', async () => {
    await using folder = await temporaryFolder();
    const first = await open(folder.path, () => Date.now() + 2 * hour);
    await first.queue.send('queued');
    await first.queue.send('held');
    await first.queue.receive({ max: 1, waitSeconds: 0 });
    await first.close();
    const second = await open(folder.path);
    expect((await receive(second)).map(({ body }) => body).sort()).toEqual(['held', 'queued']);
    await second.close();
  });
});

describe('DATA_DIR', () => {
  test('of the version before versions were counted is taken over with all that is in it', async () => {
    await using folder = await temporaryFolder();
    const now = new Date();
    const later = new Date(now.getTime() + hour);
    const id = crypto.randomUUID();
    const job = newJob({ id, source: 'inline', createdAt: now, deadline: later, expiresAt: later });
    const earlier = new DatabaseSync(join(folder.path, 'jobs.sqlite'));
    earlier.exec(await readFile(new URL('./schema-0.sql', import.meta.url), 'utf8'));
    earlier
      .prepare('INSERT INTO jobs (id, record, forget_at) VALUES (?, ?, ?)')
      .run(id, JSON.stringify(job), later.getTime());
    earlier
      .prepare("INSERT INTO messages (queue, body, visible_at) VALUES ('images', ?, ?)")
      .run(objectCreatedMessage(imageKeyOf(job)), now.getTime());
    earlier.close();
    const stores = await open(folder.path);
    expect(await stores.jobs.read(id)).toEqual(job);
    expect(await receive(stores)).toHaveLength(1);
    await stores.close();
    expect(versionIn(folder.path)).toBe(schemaVersion);
  });

  test('of a newer version is refused by name, and left as it is', async () => {
    await using folder = await temporaryFolder();
    const newer = new DatabaseSync(join(folder.path, 'jobs.sqlite'));
    newer.exec(`CREATE TABLE future (id TEXT); PRAGMA user_version = ${schemaVersion + 1}`);
    newer.close();
    await expect(open(folder.path)).rejects.toThrow(/^DATA_DIR was written by a newer version/);
    expect(versionIn(folder.path)).toBe(schemaVersion + 1);
  });

  test('with a form secret that was cut short gets a new one', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'form-secret');
    await writeFile(path, '');
    await (await open(folder.path)).close();
    const secret = await readFile(path);
    expect(secret).toHaveLength(32);
    await (await open(folder.path)).close();
    expect(await readFile(path)).toEqual(secret);
  });

  test.runIf(existsSync('/proc/self'))('where no folder can be made fails at once', async () => {
    await expect(makeFolder('/proc/x')).rejects.toThrow('ENOENT');
    await expect(makeFolder('/proc/x/y/z')).rejects.toThrow('ENOENT');
  });
});

describe('the images', () => {
  test('are stored again after somebody has deleted their folder', async () => {
    await using folder = await temporaryFolder();
    const stores = await open(folder.path);
    const key = () => imageKeyOf({ source: 'inline', id: crypto.randomUUID() });
    const [first, second, third] = [key(), key(), key()];
    await stores.images.put(first, Buffer.from('first'));
    await rm(join(folder.path, 'images'), { recursive: true });
    expect(await stores.images.get(first)).toBeUndefined();
    await stores.images.put(second, Buffer.from('second'));
    await rm(join(folder.path, 'images'), { recursive: true });
    await stores.images.putStream(third, Readable.from([Buffer.from('third')]));
    expect(await readFile((await stores.images.get(third))?.path ?? '', 'utf8')).toBe('third');
    await stores.close();
  });

  test('that never arrived whole are swept while the server runs', async () => {
    await using folder = await temporaryFolder();
    const stores = await open(folder.path);
    const incoming = join(folder.path, 'images', 'incoming');
    const longAgo = new Date(Date.now() - hour);
    await mkdir(incoming, { recursive: true });
    await writeFile(join(incoming, 'old'), 'x');
    await utimes(join(incoming, 'old'), longAgo, longAgo);
    await writeFile(join(incoming, 'new'), 'x');
    await stores.images.deleteOlderThan(new Date(Date.now() - 24 * hour));
    expect(await readdir(incoming)).toEqual(['new']);
    await stores.close();
  });
});

function versionIn(folder: string): unknown {
  using connection = new DatabaseSync(join(folder, 'jobs.sqlite'));
  return connection.prepare('PRAGMA user_version').get()?.user_version;
}
