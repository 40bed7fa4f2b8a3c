import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNote } from '../../infra/assets.ts';
import { lambdaNeeds } from '../../infra/model-needs.ts';
import { type BuiltModel, buildModel } from '../../layers/model/build/index.ts';
import { openClassifier } from '../../layers/model/run/classifier.ts';
import { workersFor } from '../../local/workers/count.ts';
import { kill, startServerProcess } from '../support/local/server-process.ts';
import { classifierOptions } from '../support/model/decode.ts';
import { largeModelBytes, writeLargeModel } from '../support/model/large.ts';
import { temporaryModels } from '../support/model/own.ts';
import { labelsOf } from '../support/model/own-served.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const megabytes = Math.floor(largeModelBytes / 2 ** 20);

describe('a model of 350 MB, whose weights stand in a file beside the network', () => {
  let temporary: string;
  let path: string;
  let cacheDir: string;
  let model: BuiltModel;
  beforeAll(async () => {
    temporary = await temporaryModels();
    [path, cacheDir] = [join(temporary, 'large'), join(temporary, 'cache')];
    await mkdir(path);
    await writeLargeModel(path);
    model = await buildModel({ model: path, cacheDir });
  }, 120_000);
  afterAll(() => rm(temporary, { recursive: true }));

  test('is built with that file, and measured with it', async () => {
    expect((await stat(join(model.dir, 'model.onnx_data'))).size).toBe(largeModelBytes);
    expect(model.needs?.memoryMb).toBeGreaterThan(megabytes);
    expect(model.needs?.memoryMb).toBeLessThan(4 * megabytes);
    console.log(`measured: ${JSON.stringify(model.needs)}`);
  });

  test('starts and answers with the same scores as without a server', async () => {
    const picture = await drawJpeg();
    const classifier = await openClassifier(model.dir, classifierOptions);
    const { predictions } = await classifier.classify({ bytes: picture });
    await classifier.close();
    const began = performance.now();
    const environment = { MODEL: path, MODEL_CACHE: cacheDir, DATA_DIR: join(temporary, 'data') };
    const server = await startServerProcess(environment);
    const seen = await labelsOf(server.url, picture);
    console.log(`start and first answer: ${(performance.now() - began).toFixed(0)} ms`);
    expect(seen).toEqual(predictions.map(({ label, score }) => ({ label, score })));
    expect(seen).toHaveLength(3);
    await kill(server);
  });

  test('has as many workers as memory holds, and one where it hardly does', () => {
    const needed = (model.needs?.memoryMb ?? 0) * 2 ** 20;
    const [few, many] = [workersFor([model], 64, needed * 8), workersFor([model], 64, needed * 40)];
    expect(few).toBeGreaterThanOrEqual(2);
    expect(few).toBeLessThan(9);
    expect(many).toBeGreaterThan(few);
    expect(many).toBeLessThan(41);
    expect(workersFor([model], 64, needed)).toBe(1);
    expect(workersFor([model], 2, needed * 40)).toBe(2);
  });

  test('is built for the container: no zip takes it, and the functions have memory for it', async () => {
    const dist = join(temporary, 'dist');
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x86-64';
    const script = join(import.meta.dirname, '../../infra/build.ts');
    const parts = [script, '--architecture', architecture, '--model', path, '--out', dist];
    const env = { ...process.env, MODEL_CACHE: cacheDir };
    const { stdout } = await promisify(execFile)(process.execPath, parts, { env });
    const note = readNote(dist)?.model;
    expect(note?.zipProblem).toMatch(
      /does not fit a zip and its layer .*deploy it with -c packaging=container\.$/,
    );
    expect(stdout).toContain(note?.zipProblem);
    const { memoryMb } = lambdaNeeds(note?.needs, 5);
    expect(memoryMb).toBeGreaterThan((note?.needs?.memoryMb ?? Number.NaN) + 450);
    const copied = join(dist, 'layer/model/model.onnx_data');
    expect((await stat(copied)).size).toBe(largeModelBytes);
    expect(await readFile(join(dist, 'Dockerfile'), 'utf8')).toContain('COPY layer/ /opt/');
  });
});
