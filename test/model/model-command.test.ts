import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeModelFolder } from '../support/model/own.ts';
import { drawScene, toSharp } from '../support/pictures/drawn.ts';

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-'));
  model = await writeModelFolder(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `npm run model` with its own words; what it says, and by what code it ends. */
function run(...args: string[]): Promise<Ended> {
  return runAs(undefined, ...args);
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The same as another user. */
async function runAs(uid: number | undefined, ...args: string[]): Promise<Ended> {
  const command = [
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, '../../cli/model/main.ts'),
    ...args,
  ];
  const env = { ...process.env, MODEL_CACHE: join(folder, 'cache'), MODEL_LABELS: '' };
  return promisify(execFile)(process.execPath, command, { env, uid }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

/** Whether a user without rights reaches this clone, to run it. */
const isOpenToAll = import.meta.dirname
  .split(sep)
  .map((_, index, names) => statSync(names.slice(0, index + 1).join(sep) || sep).mode)
  .every((mode) => (mode & 0o005) === 0o005);

describe('npm run model', () => {
  test('check says what a model is and needs, and how to serve it', async () => {
    const { code, stdout } = await run('check', model);
    expect(code).toBe(0);
    expect(stdout).toMatch(/3 classes, a picture shows one of them\.\n.*stretched to 8 × 8/);
    expect(stdout).toMatch(/Needs: \d+ MB .*\nHere: \d+ workers?\.\nServe it: npm start -- --model /);
  });

  test('check says in a sentence what is wrong with one', async () => {
    const broken = await writeModelFolder(folder, { network: 'no network' });
    const { code, stderr } = await run('check', broken);
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^[^\n]*model\.onnx is not an ONNX file[^\n]*\.$/);
  });

  test.skipIf(!isOpenToAll)('check says how to allow a folder that may not be read', async () => {
    const closed = await writeModelFolder(folder);
    await chmod(folder, 0o755);
    await chmod(closed, 0o000);
    // Who may do everything is not kept out by permissions.
    const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
    const { code, stderr } = await runAs(nobody, 'check', closed);
    await chmod(closed, 0o755);
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(
      /^MODEL names [^\n]+, which may not be read: allow it with chmod u\+rx?\.$/,
    );
  });

  test('try labels a photo and writes what the network sees of it', async () => {
    const photo = join(folder, 'photo.png');
    await writeFile(photo, await toSharp(drawScene(40, 30)).png().toBuffer());
    const out = join(folder, 'seen.png');
    const { code, stdout } = await run('try', model, photo, '--out', out);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^0\.\d{6} {2}(red|green|blue)\n/);
    expect(stdout).toMatch(/decode [\d.]+ ms, resize [\d.]+ ms, network [\d.]+ ms/);
    expect(await sharp(await readFile(out)).metadata()).toMatchObject({ width: 8, height: 8, channels: 3 });
  });

  test('says how it is used where it is not', async () => {
    const { code, stderr } = await run('try', model);
    expect(code).toBe(1);
    expect(stderr).toContain('npm run model -- try PATH PHOTO');
  });
});
