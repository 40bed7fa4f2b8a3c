import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { labels } from '../support/e2e/client.ts';
import { writeModelFolder } from '../support/model/own.ts';
import { type Installed, packAndInstall, runIn, serve } from '../support/package/installed.ts';

const balloon = resolve('docs/images/balloon.png');
const manifest = z
  .object({
    version: z.string(),
    dependencies: z.record(z.string(), z.string()),
    optionalDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(await readFile('package.json', 'utf8')));

let installed: Installed;
beforeAll(async () => {
  installed = await packAndInstall();
});
afterAll(() => installed?.[Symbol.asyncDispose]());

const inPackage = (path: string) => join(installed.folder, 'node_modules/label-on-upload', path);

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

describe('The tarball', () => {
  test('holds what runs, in less than 25 MB, and no sources', () => {
    const others = installed.files.filter((path) => !path.startsWith('lib/'));
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    expect(installed.files.filter((path) => /(?<!\.d)\.ts$/.test(path))).toEqual([]);
    expect(installed.bytes).toBeLessThan(25e6);
  });

  test('holds one platform of ONNX Runtime', () => {
    const bindings = installed.files.filter((path) => path.endsWith('.node'));
    const here = `${process.platform}/${process.arch}`;
    expect(bindings).toEqual([`lib/onnxruntime/bin/napi-v6/${here}/onnxruntime_binding.node`]);
  });

  test('depends on exactly the packages that its code imports', async () => {
    const code = (await readdir(inPackage('lib'), { recursive: true })).filter((path) =>
      path.endsWith('.js'),
    );
    const named = new Set<string>();
    for (const file of code) {
      const text = await readFile(inPackage(`lib/${file}`), 'utf8');
      for (const [, name = ''] of text.matchAll(
        /(?:\bfrom|\bimport|\brequire(?:Here\.resolve)?\(|\bimport\()\s*["']([@\w][^"':]*)["']/g,
      ))
        named.add(name.startsWith('@') ? name.split('/', 2).join('/') : (name.split('/')[0] ?? ''));
    }
    // The AWS SDK uses these two where they are installed, for signatures that no call of ours has.
    const notNeeded = /^@aws-sdk\/signature-v4(a|-crt)$/;
    const packages = [...named].filter((name) => !builtinModules.includes(name) && !notNeeded.test(name));
    const { dependencies, optionalDependencies } = manifest;
    const declared = [...Object.keys(dependencies), ...Object.keys(optionalDependencies)];
    expect(packages.sort()).toEqual(
      declared.filter((name) => !/^node-(bin-darwin|linux|win)-/.test(name)).sort(),
    );
  });

  test('installs without a script of any package', async () => {
    const lock = await readFile(join(installed.folder, 'package-lock.json'), 'utf8');
    expect(lock).not.toContain('hasInstallScript');
  });

  test('is one that publint and "are the types wrong" have nothing to say about', async () => {
    const linted = await promisify(execFile)('npx', ['publint', '--strict', installed.tarball]);
    expect(linted.stdout).toContain('All good!');
    await promisify(execFile)('npx', ['attw', installed.tarball, '--profile', 'esm-only']);
  });
});

describe('The command, by the Node of this machine', () => {
  test('says its version, how it is called, and that there is no such command', async () => {
    const [version, help, wrong] = await Promise.all([
      runIn(installed, 'label-on-upload', ['--version']),
      runIn(installed, 'label-on-upload', ['--help']),
      runIn(installed, 'label-on-upload', ['serv']),
    ]);
    expect(version.stdout).toBe(`${manifest.version}\n`);
    expect(help.stdout).toContain('label-on-upload predict');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('There is no command "serv"')]);
  });

  test.each(['serve', 'predict', 'backfill', 'results', 'model'])('has help for %s', async (name) => {
    const { code, stdout, stderr } = await runIn(installed, 'label-on-upload', [name, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`label-on-upload ${name}`);
    expect(stdout).not.toContain('npm ');
  });

  test('labels a file as the repository does, and writes to the caches of the user only', async () => {
    const here = await runIn(installed, 'label-on-upload', ['predict', '--json', balloon]);
    const main = [resolve('cli/predict/main.ts'), '--json', balloon];
    const env = { ...process.env, ...installed.environment };
    const inClone = await promisify(execFile)(process.execPath, main, { env });
    expect(here.code).toBe(0);
    expect(JSON.parse(here.stdout)).toEqual(JSON.parse(inClone.stdout));
    expect(await readdir(installed.home)).toEqual(['.cache']);
    expect(await readdir(join(installed.home, '.cache'))).toEqual(['label-on-upload']);
  });

  test('serves the page and the labels, and ends with everything that it started', async () => {
    const server = await serve(installed);
    const page = await fetch(server.url);
    expect(await page.text()).toContain('<!doctype html>');
    const docs = await fetch(`${server.url}docs`);
    expect(await docs.text()).toContain('swagger-ui');
    const response = await fetch(`${server.url}predict`, { method: 'POST', body: await readFile(balloon) });
    expect(response.status).toBe(200);
    expect(labels.parse(await response.json())).toHaveLength(3);
    server.process.kill('SIGTERM');
    expect(await server.exited).toEqual([0, null]);
    expect(await answers(server.url)).toBe(false);
  });

  test('leaves no server behind when it is killed', async () => {
    const server = await serve(installed, ['--data-dir', join(installed.folder, 'jobs')]);
    server.process.kill('SIGKILL');
    await server.exited;
    await expect.poll(() => answers(server.url), { timeout: 10_000 }).toBe(false);
  });

  test('tries and serves a model of the user', async () => {
    const model = await writeModelFolder(installed.home);
    const { code, stdout } = await runIn(
      { ...installed, environment: { ...installed.environment, MODEL_LABELS: '' } },
      'label-on-upload',
      ['model', 'check', model],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/Needs: \d+ MB .*\n.*\nServe it: label-on-upload serve --model /);
  });
});

describe('The Dockerfile', () => {
  test('installs the package so that its command starts', async () => {
    const dockerfile = await readFile('Dockerfile', 'utf8');
    const install = /^RUN (npm install --global .*)$/m.exec(dockerfile)?.[1] ?? 'false';
    const app = join(installed.folder, 'app');
    const line = install.replaceAll('/app', app).replace('/tmp/label-on-upload-*.tgz', installed.tarball);
    const { environment } = installed;
    await promisify(execFile)('sh', ['-euc', line], { env: environment });
    const path = `${dirname(process.execPath)}:${environment.PATH}`;
    const env = { ...environment, PATH: path, DATA_DIR: join(app, 'jobs') };
    const server = await serve({ ...installed, environment: env }, [], join(app, 'bin/label-on-upload'));
    expect((await fetch(`${server.url}ready`)).status).toBe(200);
    server.process.kill('SIGTERM');
    expect(await server.exited).toEqual([0, null]);
  });
});

describe('The client', () => {
  const consumer = `
    import { createApi, hasEnded, type Job, predictImage } from 'label-on-upload';
    export async function first(baseUrl: string, image: Blob): Promise<string | undefined> {
      const api = createApi(baseUrl);
      const { data } = await api.GET('/model');
      if (data === undefined) return undefined;
      const options = { api, baseUrl, limits: data.limits, idempotencyKey: 'a key of this test' };
      const answer = await predictImage(image, options, { top: 1, minScore: 0 });
      return 'labels' in answer ? answer.labels[0]?.label : answer.id;
    }
    export const ended = (job: Job): boolean => hasEnded(job);
    // @ts-expect-error There is no such path.
    export const wrong = () => createApi('').GET('/nothing');`;

  test.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types for module %s and moduleResolution %s', async (module, moduleResolution) => {
    const file = join(installed.folder, 'consumer.mts');
    await writeFile(file, consumer);
    const flags = ['--module', module, '--moduleResolution', moduleResolution, '--target', 'es2022'];
    const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--lib', 'es2022,dom'];
    const tsc = resolve('node_modules/.bin/tsc');
    const { stdout, code } = await runIn(installed, tsc, [...flags, ...strict, file]);
    expect([stdout, code]).toEqual(['', 0]);
  });

  test('works as the README shows it', async () => {
    const readme = await readFile('README.md', 'utf8');
    const [, example = ''] = /```typescript\n([\s\S]*?)```/.exec(readme) ?? [];
    const server = await serve(installed);
    try {
      const source = join(installed.folder, 'readme.mts');
      const code = example.replaceAll('http://localhost:8000/', server.url);
      await writeFile(source, code.replace('docs/images/balloon.png', balloon));
      const { stdout } = await promisify(execFile)(process.execPath, [source]);
      expect(stdout).toMatch(/^\[\n? *\{ label: '\w+', score: 0\.\d+ \}/);
    } finally {
      server.process.kill('SIGTERM');
      await server.exited;
    }
  });

  test('works in an older Node, in this one and from a bundle for browsers', async () => {
    const server = await serve(installed);
    try {
      const source = join(installed.folder, 'call.mts');
      await writeFile(
        source,
        `${consumer}
        declare const process: { argv: string[] };
        const picture = Uint8Array.from(atob(process.argv[3] ?? ''), (letter) => letter.charCodeAt(0));
        console.log(await first(process.argv[2] ?? '', new Blob([picture])));`,
      );
      const [module, bundle] = ['module.mjs', 'bundle.mjs'].map((name) => join(installed.folder, name));
      const common: BuildOptions = { entryPoints: [source], format: 'esm', target: 'es2022' };
      await build({ ...common, outfile: module ?? '' });
      await build({ ...common, outfile: bundle ?? '', bundle: true, platform: 'browser' });
      const args = [server.url, await readFile('docs/images/balloon.png', 'base64')];
      const runs = await Promise.all([
        runIn(installed, 'node', [module ?? '', ...args]),
        promisify(execFile)(process.execPath, [module ?? '', ...args]),
        promisify(execFile)(process.execPath, [bundle ?? '', ...args]),
      ]);
      expect(runs.map(({ stdout }) => stdout)).toEqual(Array(3).fill(expect.stringMatching(/^\w+\n$/)));
    } finally {
      server.process.kill('SIGTERM');
      await server.exited;
    }
  });
});
