import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { labels } from '../support/e2e/client.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';
import { drawJpeg } from '../support/pictures/images.ts';
import { python, run } from './tools.ts';

const versions = {
  heyApi: ['-p', '@hey-api/openapi-ts@0.99.0', '-p', 'typescript@5.9.3', 'openapi-ts'],
  orval: ['-p', 'orval@8.38.0', 'orval'],
};

const programs = join(import.meta.dirname, 'programs');

describe('A client generated from the document of a running service', () => {
  let service: LocalService;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let picture: string;
  /** What a client must find out. */
  let expected: object;

  beforeAll(async () => {
    [service, folder] = await Promise.all([startLocalService(), temporaryFolder()]);
    picture = join(folder.path, 'photo.jpg');
    const body = await drawJpeg();
    await writeFile(picture, body);
    const answer = await fetch(`${service.url}predict?top=2`, { method: 'POST', body: new Uint8Array(body) });
    const predictions = labels.parse(await answer.json());
    const model = await (await fetch(`${service.url}model`)).json();
    const { classes } = z.object({ classes: z.int() }).parse(model);
    const best = predictions[0]?.label;
    const problem = [415, 'unsupported_image'];
    expected = { predictions, status: 'succeeded', best, classes, labels: classes, problem };
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const source = () => `${service.url}openapi.json`;

  async function runTypeScript(program: string, dir: string): Promise<unknown> {
    await copyFile(join(programs, `${program}.ts`), join(dir, 'main.ts'));
    await checkTypes(dir);
    const outfile = join(dir, 'main.mjs');
    await build({
      entryPoints: [join(dir, 'main.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
    });
    const { stdout } = await promisify(execFile)(process.execPath, [outfile, service.url, picture]);
    return JSON.parse(stdout);
  }

  async function generateHeyApi(name: string, parser: string): Promise<string> {
    const dir = join(folder.path, name);
    await mkdir(dir);
    const config = { input: source(), output: 'generated', plugins: ['@hey-api/client-fetch'] };
    await writeFile(
      join(dir, 'openapi-ts.config.mjs'),
      `export default { ...${JSON.stringify(config)}, parser: ${parser} };`,
    );
    await run('npx', ['--yes', ...versions.heyApi], dir);
    return dir;
  }

  test('by @hey-api/openapi-ts makes every kind of call', async () => {
    // It takes JSON, where there is any.
    const noJson = 'delete document.paths["/predict"].post.requestBody.content["application/json"]';
    const dir = await generateHeyApi('hey-api', `{ patch: { input: (document) => { ${noJson}; } } }`);
    expect(await runTypeScript('hey-api', dir)).toEqual(expected);
  });

  test('by @hey-api/openapi-ts, not configured, sends an image within JSON', async () => {
    const dir = await generateHeyApi('hey-api-json', '{}');
    const found = z.record(z.string(), z.unknown()).parse(await runTypeScript('hey-api-json', dir));
    expect(expected).toMatchObject(found);
  });

  test('by orval makes every kind of call', async () => {
    const dir = join(folder.path, 'orval');
    await mkdir(dir);
    const baseUrl = service.url.replace(/\/$/, '');
    // A function for each media type of a body.
    const override = { splitByContentType: true };
    const output = { target: 'generated/api.ts', client: 'fetch', baseUrl, override };
    const config = { service: { input: source(), output } };
    await writeFile(join(dir, 'orval.config.mjs'), `export default ${JSON.stringify(config)};`);
    await run('npx', ['--yes', ...versions.orval], dir);
    expect(await runTypeScript('orval', dir)).toEqual(expected);
  });

  test('by openapi-python-client makes every kind of call, without a warning', async () => {
    const args = [
      'generate',
      '--url',
      source(),
      '--output-path',
      join(folder.path, 'python'),
      '--fail-on-warning',
    ];
    await run(python('openapi-python-client'), args, folder.path);
    const { stdout } = await promisify(execFile)(
      python('python'),
      [join(programs, 'python_client.py'), service.url, picture],
      { env: { ...process.env, PYTHONPATH: join(folder.path, 'python') } },
    );
    expect(JSON.parse(stdout)).toEqual(expected);
  });
});

/** With the strictness that most projects have: the generated files are held to it too. */
async function checkTypes(dir: string): Promise<void> {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, target: 'es2024', module: 'esnext' },
    ...{ moduleResolution: 'bundler', lib: ['es2024', 'dom', 'dom.iterable'], types: ['node'] },
    typeRoots: [join(process.cwd(), 'node_modules/@types')],
  };
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }));
  await run('npx', ['tsc', '--project', dir], process.cwd());
}
