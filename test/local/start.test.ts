import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { predict, useService } from '../support/e2e/client.ts';
import { startLocalService } from '../support/local/poisoned-server.ts';
import {
  kill,
  ServerEnded,
  type ServerEnvironment,
  startServerProcess,
  temporaryFolder,
} from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { drawJpeg } from '../support/pictures/images.ts';

/** Starts a server that must not start: its exit code, and what it said. */
async function refusal(environment: ServerEnvironment): Promise<{ code: number | null; lines: string[] }> {
  await using folder = await temporaryFolder();
  const started = startServerProcess({
    ...(await modelEnvironment()),
    DATA_DIR: folder.path,
    ...environment,
  });
  try {
    const server = await started;
    await kill(server);
    return { code: 0, lines: ['it started'] };
  } catch (error) {
    if (!(error instanceof ServerEnded)) throw error;
    return { code: error.code, lines: error.message.split('\n') };
  }
}

describe('a server that cannot start', () => {
  test.each([
    ['PORT', 'http', /^PORT takes a port from 1 to 65535.*not "http"/],
    ['WORKERS', '0', /^WORKERS takes a number of worker processes/],
    ['DATA_DIR', '/dev/null/data', /DATA_DIR/],
    ['HOST', '203.0.113.7', /^HOST is not an address of this machine/],
    ['BASE_PATH', 'vision/', /^BASE_PATH takes a path to serve under/],
    ['MODEL_WEIGHTS', '/nowhere/weights.h5', /^MODEL_WEIGHTS names \/nowhere\/weights.h5/],
  ])('for %s=%s says so in one sentence, with exit code 1', async (name, value, sentence) => {
    const { code, lines } = await refusal({ [name]: value });
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(sentence)] });
  });

  test('for a port in use names PORT', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    expect(await refusal({ PORT: port })).toEqual({
      code: 1,
      lines: [expect.stringMatching(`^PORT ${port} is in use`)],
    });
    other.close();
  });

  test('for a folder that another server uses names DATA_DIR, and leaves that server alone', async () => {
    await using service = await startLocalService();
    const answer = await refusal({ DATA_DIR: service.dataDir });
    expect(answer).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^DATA_DIR is in use by another server/)],
    });
    useService(service);
    expect((await predict(await drawJpeg())).status).toBe(200);
  });

  test.each([
    ['foreign', async (path: string) => writeFile(path, 'These are words.')],
    ['empty', async (path: string) => writeFile(path, '')],
    ['truncated', truncatedCopy],
  ])('for a %s weights file names the file', async (kind, write) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, `${kind}.h5`);
    await write(path);
    const { code, lines } = await refusal({ MODEL_WEIGHTS: path });
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining(path)] });
  });

  test('for a database that is none names DATA_DIR', async () => {
    await using folder = await temporaryFolder();
    await writeFile(
      join(folder.path, 'jobs.sqlite'),
      'These are words, and enough of them to be no database header at all.'.repeat(20),
    );
    const { code, lines } = await refusal({ DATA_DIR: folder.path });
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining('DATA_DIR')] });
  });

  test('for an unknown flag shows the flags there are', async () => {
    const main = new URL('../../local/main.ts', import.meta.url).pathname;
    const child = execFile(process.execPath, [main, '--prot=1']);
    let said = '';
    child.stderr?.on('data', (text) => (said += text));
    const [code] = await once(child, 'exit');
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringMatching(/--prot[\s\S]*Did you mean --port[\s\S]*--port .*\(PORT, default: 8000\)/),
    });
  });
});

/** The full-disk case needs a file system of its own, which only root can mount. */
describe.runIf(process.getuid?.() === 0)('a full disk', () => {
  test('at the start is said in one sentence, with exit code 1', async () => {
    await using folder = await temporaryFolder();
    const disk = join(folder.path, 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    try {
      await writeFile(join(disk, 'filler'), Buffer.alloc(64 * 1024)).catch(() => {});
      const { code, lines } = await refusal({ DATA_DIR: disk });
      expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/disk.* is full/i)] });
    } finally {
      await run('umount', [disk]);
    }
  });

  test('later costs the image that does not fit, and nothing else', async () => {
    await using folder = await temporaryFolder();
    const disk = join(folder.path, 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
    try {
      await using service = await startLocalService({ DATA_DIR: disk });
      useService(service);
      const small = await drawJpeg();
      expect((await predict(small)).status).toBe(200);
      const large = await predict(Buffer.concat([small, Buffer.alloc(3_500_000, 1)]));
      expect(large.status).toBeGreaterThanOrEqual(500);
      expect((await predict(small)).status).toBe(200);
    } finally {
      await run('umount', ['-l', disk]);
    }
  });
});

async function truncatedCopy(path: string): Promise<void> {
  const { MODEL_WEIGHTS = '' } = await modelEnvironment();
  const source = await open(MODEL_WEIGHTS);
  const { buffer } = await source.read(Buffer.alloc(1_000_000), 0, 1_000_000, 0);
  await source.close();
  await writeFile(path, buffer);
}

function run(command: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, args, (error) => (error ? reject(error) : resolve()));
  });
}

test('a server whose output nobody reads any more goes on', async () => {
  await using service = await startLocalService();
  service.process.stdout?.destroy();
  service.process.stderr?.destroy();
  for (let time = 0; time < 3; time++) {
    const response = await fetch(`${service.url}predict`, { method: 'POST', body: await drawJpeg() });
    expect(response.status).toBe(200);
    await sleep(100);
  }
  service.signal('SIGTERM');
  expect(await service.exited).toBe(0);
});
