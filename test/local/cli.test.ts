import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const main = new URL('../../cli/predict/main.ts', import.meta.url).pathname;

/** Runs `npm run predict`, and resolves to what it wrote even where it fails. */
async function predict(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, ...(await modelEnvironment()), ...environment };
  const flags = ['--disable-warning=ExperimentalWarning', main, ...args];
  return promisify(execFile)(process.execPath, flags, { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

/** Starts `npm run predict` with all three streams as pipes. */
async function start(args: readonly string[]) {
  const env = { ...process.env, ...(await modelEnvironment()) };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], { env });
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  return child;
}

describe('npm run predict', () => {
  let service: LocalService;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    [service, folder] = await Promise.all([startLocalService(), temporaryFolder()]);
    for (let at = 0; at < 20; at++) {
      await writeFile(join(folder.path, `${`${at}`.padStart(2, '0')}.jpg`), await drawJpeg(200, 150, at));
    }
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const large = sharp({ create: { width: 2600, height: 2600, channels: 3, background: '#888', noise } });
    await writeFile(join(folder.path, 'large.jpg'), await large.jpeg({ quality: 95 }).toBuffer());
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('labels a folder by a server as it does in process, large files by the form, in the same order', async () => {
    const remote = await predict(['--json', '--server', service.url, folder.path]);
    const here = await predict(['--json', folder.path]);
    expect(remote.code).toBe(0);
    expect(JSON.parse(remote.stdout)).toHaveLength(21);
    expect(JSON.parse(remote.stdout)).toEqual(JSON.parse(here.stdout));
  });

  test('decodes large JPEGs in full, and shrinks them where it is told to by a flag or a variable', async () => {
    const large = join(folder.path, 'large.jpg');
    const exact = await predict(['--json', large]);
    const byFlag = await predict(['--json', '--large-jpegs', 'shrink', large]);
    const byVariable = await predict(['--json', large], { LARGE_JPEGS: 'shrink' });
    expect([exact.code, byFlag.code]).toEqual([0, 0]);
    expect(byFlag.stdout).not.toBe(exact.stdout);
    expect(byVariable.stdout).toBe(byFlag.stdout);
  });

  test('goes on after a file that is no image, and says so by its exit code', async () => {
    const { code, stdout } = await predict(['--server', service.url, main, join(folder.path, '00.jpg')]);
    expect(code).toBe(1);
    expect(stdout).toContain('unsupported_image');
    expect(stdout.trim().split('\n')).toHaveLength(2);
  });

  test('leaves valid JSON behind when it is interrupted, and goes on from there', async () => {
    const names = Array.from({ length: 400 }, (_, at) =>
      join(folder.path, `${`${at % 20}`.padStart(2, '0')}.jpg`),
    );
    const output = join(folder.path, 'labels.json');
    const child = await start(['--workers', '1', '-o', output, '-']);
    child.stdin.end(names.join('\n'));
    await expect
      .poll(async () => (await readFile(output, 'utf8').catch(() => '')).length, { timeout: 20_000 })
      .toBeGreaterThan(1000);
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    const first: unknown[] = JSON.parse(await readFile(output, 'utf8'));
    expect(code).toBe(130);
    expect(first.length).toBeLessThan(names.length);
    const { stderr } = await predict(['-o', output, '--resume', folder.path]);
    const all: { file: string }[] = JSON.parse(await readFile(output, 'utf8'));
    expect(all.slice(0, first.length)).toEqual(first);
    expect(stderr).toContain(`${all.length - first.length} file`);
    expect(new Set(all.map(({ file }) => file)).size).toBe(21);
  });

  test('leaves valid JSON behind when it is interrupted twice and ends at once', async () => {
    const output = join(folder.path, 'twice.json');
    const child = await start(['-o', output, '-']);
    child.stdin.write(`${join(folder.path, '00.jpg')}\n`.repeat(3));
    await expect
      .poll(() => readFile(output, 'utf8').catch(() => ''), { timeout: 20_000 })
      .toContain('00.jpg');
    child.kill('SIGINT');
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(130);
    expect(JSON.parse(await readFile(output, 'utf8'))).not.toHaveLength(0);
  });

  test('stops at once where it waits for names when it is interrupted', async () => {
    const child = await start(['--json', '-']);
    child.stdin.write(`${join(folder.path, '00.jpg')}\n`);
    let text = '';
    for await (const part of child.stdout) {
      text += part;
      if (text.includes('00.jpg')) child.kill('SIGINT');
    }
    expect(JSON.parse(text)).toHaveLength(1);
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(130);
  });

  test('ends quietly where whoever reads has read enough', async () => {
    const child = await start(['-']);
    child.stdin.on('error', () => {});
    child.stdin.write(`${join(folder.path, '00.jpg')}\n`.repeat(2000));
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(said).toBe('');
  });

  test.skipIf(process.platform !== 'linux')('says in a sentence that the disk is full', async () => {
    const { code, stderr } = await predict(['--csv', '-o', '/dev/full', join(folder.path, '00.jpg')]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      '/dev/full cannot be written: the disk is full. Later, --resume goes on from there.\n',
    );
  });

  test('says where it finds no images, and that an output file cannot be made', async () => {
    await mkdir(join(folder.path, 'empty'));
    const none = await predict(['--json', join(folder.path, 'empty')]);
    expect([none.code, JSON.parse(none.stdout)]).toEqual([0, []]);
    expect(none.stderr).toMatch(/^There are no images in .*empty\./);
    const nowhere = await predict(['-o', join(folder.path, 'none/labels.csv'), join(folder.path, '00.jpg')]);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      2,
      expect.stringMatching(/there is no such folder\.\n$/),
    ]);
  });

  test('sends a key to a service that asks for one, with small images and large ones', async () => {
    const key = 'a-key-of-some-length';
    await using guarded = await startLocalService({ API_KEY: key });
    const files = [join(folder.path, '00.jpg'), join(folder.path, 'large.jpg')];
    const without = await predict(['--server', guarded.url, ...files]);
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('--api-key')]);
    const byFlag = await predict(['--json', '--server', guarded.url, '--api-key', key, ...files]);
    const byVariable = await predict(['--json', '--server', guarded.url, ...files], {
      PREDICT_API_KEY: key,
    });
    expect([byFlag.code, JSON.parse(byFlag.stdout)]).toEqual([0, expect.objectContaining({ length: 2 })]);
    expect(byVariable.stdout).toBe(byFlag.stdout);
  });

  test('says what to do where no server answers', async () => {
    const { code, stderr } = await predict(['--server', 'http://127.0.0.1:9', folder.path]);
    expect(code).toBe(1);
    expect(stderr).toContain('Start one with "npm start"');
  });
});
