import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { functionNames, layoutOf } from '../../infra/assets.ts';
import { layNativePackages } from '../../infra/build/native-packages.ts';
import { bytesIn } from '../../infra/build/sizes.ts';
import { buildModel } from '../../layers/model/build/index.ts';
import { readModelFacts } from '../../layers/model/folder.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { writeModelFolder } from '../support/model/own.ts';

const root = join(import.meta.dirname, '../..');
const cpu = process.arch === 'arm64' ? 'arm64' : 'x64';

// For another platform than this one the build fetches sharp's binaries.
describe.runIf(process.platform === 'linux')('npm run build', () => {
  let dir: string;
  let files: string[];
  beforeAll(async () => {
    dir = join(await mkdtemp(join(tmpdir(), 'build-')), 'dist');
    const architecture = cpu === 'arm64' ? 'arm64' : 'x86-64';
    const parts = [join(root, 'infra/build.ts'), '--architecture', architecture, '--out', dir];
    const env = { ...process.env, ...(await modelEnvironment()) };
    await promisify(execFile)(process.execPath, parts, { env });
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  }, 120_000);
  afterAll(() => rm(join(dir, '..'), { recursive: true }));

  test('lays a folder for every function, and the model for the layer', async () => {
    for (const { folder, module } of functionNames.map(layoutOf))
      expect(files).toContain(join(dir, folder, `${module}.mjs`));
    expect((await readdir(join(dir, 'layer/model'))).sort()).toEqual(
      ['jpeg.wasm', 'labels.json', 'model.json', 'network.onnx', 'resize.wasm'].sort(),
    );
  });

  test('notes nothing of the default model, whose package stays as it was', async () => {
    const note: unknown = JSON.parse(await readFile(join(dir, 'build.json'), 'utf8'));
    expect(note).toEqual({ architecture: cpu === 'arm64' ? 'arm64' : 'x86-64' });
  });

  test('keeps the classify function and its layer within 120 MB unpacked', async () => {
    const megabytes = ((await bytesIn(join(dir, 'classify'))) + (await bytesIn(join(dir, 'layer')))) / 1e6;
    expect(megabytes).toBeLessThan(120);
  });

  test('takes native code for the target platform alone, and none for other accelerators', () => {
    const native = files.filter((file) => /\.(node|so[.\d]*|dll|dylib)$/.test(file));
    expect(native).toHaveLength(4);
    for (const file of native) expect(file).toMatch(new RegExp(`linux[-/]${cpu}`));
    expect(files.filter((file) => /cuda|tensorrt|dml|webgpu/i.test(file))).toEqual([]);
  });

  test('leaves every file readable by all: Lambda runs as a user that owns none', async () => {
    const modes = await Promise.all(files.map(async (file) => (await stat(file)).mode & 0o444));
    expect(new Set(modes)).toEqual(new Set([0o444]));
  });
});

test.runIf(process.platform === 'linux')(
  '-c model=PATH builds that model and lays it into the layer as it is served locally, beside the build that was there',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cdk-model-'));
    const model = await writeModelFolder(folder);
    const out = join(folder, 'cdk.out');
    const context = [
      `model=${model}`,
      'packaging=zip',
      `architecture=${cpu === 'arm64' ? 'arm64' : 'x86-64'}`,
    ];
    const parts = ['synth', '--quiet', '--output', out, ...context.flatMap((one) => ['--context', one])];
    await promisify(execFile)(join(root, 'node_modules/.bin/cdk'), parts, { cwd: root });
    const found = await readdir(out, { recursive: true });
    const described = found.filter((path) => path.endsWith(join('model', 'model.json')));
    const local = await buildModel({ model, cacheDir: join(root, '.cache/model') });
    // The layer, and the copy that the site function tells of.
    expect(described).toHaveLength(2);
    for (const path of described) {
      expect(JSON.parse(await readFile(join(out, path), 'utf8'))).toEqual(await readModelFacts(local.dir));
    }
    const layer = dirname(
      described.find((path) => existsSync(join(out, dirname(path), 'network.onnx'))) ?? '',
    );
    const network = (dir: string) => readFile(join(dir, 'network.onnx'));
    expect(await network(join(out, layer))).toEqual(await network(local.dir));
    const { resources } = z
      .object({ Resources: z.record(z.string(), z.object({ Properties: z.unknown() })) })
      .transform(({ Resources }) => ({ resources: Object.entries(Resources) }))
      .parse(JSON.parse(await readFile(join(out, 'Service.template.json'), 'utf8')));
    const classify = resources.find(([id]) => id.startsWith('FunctionsClassifyFunction'));
    expect(classify?.[1].Properties).toMatchObject({ MemorySize: 1769, Timeout: 30 });
    await rm(folder, { recursive: true });
  },
  120_000,
);

/** Machines in ELF headers: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const machines = { arm64: 183, x64: 62 } as const;

describe.runIf(process.platform === 'linux').each(['arm64', 'x64'] as const)(
  'native files for %s',
  (target) => {
    let dir: string;
    let native: { readonly name: string; readonly bytes: Buffer }[];
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'native-'));
      await layNativePackages(root, dir, target);
      const entries = await readdir(dir, { recursive: true, withFileTypes: true });
      const found = entries.filter((entry) => entry.isFile() && /\.(node|so[.\d]*)$/.test(entry.name));
      native = await Promise.all(
        found.map(async ({ parentPath, name }) => ({ name, bytes: await readFile(join(parentPath, name)) })),
      );
    }, 120_000);
    afterAll(() => rm(dir, { recursive: true }));

    test('are ELF files for that machine, whatever machine builds them', () => {
      expect(native).toHaveLength(4);
      for (const { name, bytes } of native) {
        expect(bytes.toString('latin1', 0, 4), name).toBe('\x7fELF');
        expect(bytes.readUInt16LE(18), name).toBe(machines[target]);
      }
    });

    test('need no newer C library than that of Amazon Linux 2023, 2.34', () => {
      const needed = native.flatMap(({ bytes }) => glibcMinors(bytes));
      expect(needed.length).toBeGreaterThan(0);
      expect(Math.max(...needed)).toBeLessThanOrEqual(34);
    });
  },
);

/** Minor versions of glibc 2 whose symbols a file asks for. */
function glibcMinors(bytes: Buffer): number[] {
  return [...bytes.toString('latin1').matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
}
