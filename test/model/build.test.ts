import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sha256OfFile } from '../../layers/model/build/digest.ts';
import { buildModel } from '../../layers/model/build/index.ts';
import { seededInputs, writeSeededWeights } from '../support/model/weights.ts';

const run = promisify(execFile);

describe('buildModel', () => {
  let cacheDir: string;
  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'model-'));
  });
  afterEach(() => rm(cacheDir, { recursive: true }));

  const files = ['jpeg.wasm', 'labels.json', 'model.json', 'network.onnx', 'resize.wasm'];

  test('writes one folder with all that a runtime loads, and nothing beside it', async () => {
    const inputs = await seededInputs();
    const model = await buildModel({ ...inputs, cacheDir });
    expect((await readdir(model.dir)).sort()).toEqual(files);
    expect(await readdir(cacheDir)).toHaveLength(1);
    expect(model).toMatchObject({
      sha256: await sha256OfFile(inputs.weights),
      input: { name: 'image', layout: 'NHWC', type: 'uint8', height: 224, width: 224 },
      classes: 1000,
    });
    expect(JSON.parse(await readFile(join(model.dir, 'labels.json'), 'utf8'))).toHaveLength(1000);
  });

  test('builds once for the same inputs, also when two begin at once', async () => {
    const inputs = await seededInputs();
    const [first, second] = await Promise.all([
      buildModel({ ...inputs, cacheDir }),
      buildModel({ ...inputs, cacheDir }),
    ]);
    expect(second).toEqual(first);
    expect(await readdir(cacheDir)).toHaveLength(1);
    const { mtimeMs } = await stat(join(first.dir, 'network.onnx'));
    await buildModel({ ...inputs, cacheDir });
    expect((await stat(join(first.dir, 'network.onnx'))).mtimeMs).toBe(mtimeMs);
  });

  test('builds another folder for other weights', async () => {
    const { labels } = await seededInputs();
    const weights = join(cacheDir, 'other.h5');
    await writeSeededWeights(weights, { classes: 1000, seed: 2 });
    const models = [
      await buildModel({ ...(await seededInputs()), cacheDir }),
      await buildModel({ weights, labels, cacheDir }),
    ];
    expect(models[0]?.dir).not.toBe(models[1]?.dir);
    expect(models[0]?.sha256).not.toBe(models[1]?.sha256);
  });

  test.each([
    ['no JSON', 'tench', /is not a class index of the form/],
    ['of another form', '["tench"]', /is not a class index of the form/],
    ['too short', '{"0": ["n01440764", "tench"]}', /does not name the classes 0 to 999/],
  ])('refuses a class index that is %s, and leaves nothing behind', async (_, text, message) => {
    const { weights } = await seededInputs();
    const labels = join(cacheDir, 'labels.json');
    await writeFile(labels, text);
    await expect(buildModel({ weights, labels, cacheDir })).rejects.toThrow(message);
    expect(await readdir(cacheDir)).toEqual(['labels.json']);
  });

  test('says which file to put where when it cannot be fetched', async () => {
    const fetchStub = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed'));
    const { labels } = await seededInputs();
    await expect(buildModel({ labels, cacheDir })).rejects.toThrow(
      /^https:\/\/.*\.h5 cannot be fetched: fetch failed\. Put mobilenet_v2_.*\.h5 anywhere and name it with MODEL_WEIGHTS=/,
    );
    fetchStub.mockRestore();
  });

  test('names the variable whose file is missing', async () => {
    const { weights, labels } = await seededInputs();
    const missing = join(cacheDir, 'missing');
    await expect(buildModel({ weights: missing, labels, cacheDir })).rejects.toThrow(
      `MODEL_WEIGHTS names ${missing}`,
    );
    await expect(buildModel({ weights, labels: missing, cacheDir })).rejects.toThrow(
      `MODEL_LABELS names ${missing}`,
    );
  });

  test('refuses a truncated weights file in one sentence', async () => {
    const { labels, weights } = await seededInputs();
    const path = join(cacheDir, 'short.h5');
    await writeFile(path, (await readFile(weights)).subarray(0, 5e6));
    await expect(buildModel({ weights: path, labels, cacheDir })).rejects.toThrow(
      `${path} is incomplete: fetch it again.`,
    );
  });
});

describe('layers/model/build/main.ts', () => {
  const script = join(import.meta.dirname, '../../layers/model/build/main.ts');

  test('copies the model to the folder that is named and prints it', async () => {
    const { weights, labels } = await seededInputs();
    const out = await mkdtemp(join(tmpdir(), 'out-'));
    const env = { ...process.env, MODEL_WEIGHTS: weights, MODEL_LABELS: labels };
    const { stdout } = await run(process.execPath, [script, '--out', out], { env });
    expect(stdout.trim()).toBe(out);
    expect(await readdir(out)).toContain('network.onnx');
    await rm(out, { recursive: true });
  });

  test('ends with one sentence and exit code 1', async () => {
    const env = { ...process.env, MODEL_WEIGHTS: '/no/such/file' };
    await expect(run(process.execPath, [script], { env })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^.*MODEL_WEIGHTS names \/no\/such\/file, and there is no such file\.\n$/m,
      ),
    });
  });
});
