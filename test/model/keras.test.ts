import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Group, File as Hdf5File, ready } from 'h5wasm/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WeightsError } from '../../layers/model/build/errors.ts';
import { withKerasWeights } from '../../layers/model/build/keras.ts';
import { buildNetwork } from '../../layers/model/build/network.ts';
import { writeSeededWeights } from '../support/model/weights.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weights-'));
});
afterAll(() => rm(folder, { recursive: true }));

const build = (path: string) => withKerasWeights(path, (read) => buildNetwork(read, 'test', 224));

async function expectRefusal(path: string, message: RegExp): Promise<void> {
  await expect(build(path)).rejects.toThrow(WeightsError);
  await expect(build(path)).rejects.toThrow(message);
  await expect(build(path)).rejects.toThrow(path);
}

async function seeded(name: string): Promise<string> {
  const path = join(folder, name);
  await writeSeededWeights(path);
  return path;
}

/** Changes a file of seeded weights in place. */
async function edit(name: string, change: (file: Group) => void): Promise<string> {
  const path = await seeded(name);
  await ready;
  const file = new Hdf5File(path, 'a');
  change(file);
  file.close();
  return path;
}

describe('reading Keras weights', () => {
  test('takes any file of the published layout', async () => {
    const { classes, onnx } = await build(await seeded('good.h5'));
    expect(classes).toBe(1000);
    expect(onnx.length).toBeGreaterThan(13e6);
  });

  test('says that a file is missing', () =>
    expectRefusal(join(folder, 'missing.h5'), /There is no weights file/));

  test('says that a folder is no file', () => expectRefusal(folder, /is not a file/));

  test.each([0.1, 0.5, 0.99])('says that a file is incomplete, at %f of its length', async (share) => {
    const path = await seeded('truncated.h5');
    const file = await open(path);
    const { size } = await file.stat();
    await file.close();
    await truncate(path, Math.floor(size * share));
    await expectRefusal(path, /is incomplete: fetch it again/);
  });

  test.each([
    ['text', 'these are no weights'],
    ['nothing', ''],
  ])('says that %s is not HDF5', async (_, content) => {
    const path = join(folder, 'foreign.h5');
    await writeFile(path, content);
    await expectRefusal(path, /is not an HDF5 file/);
  });

  test('says which weight a foreign HDF5 file lacks', async () => {
    const path = join(folder, 'other.h5');
    await ready;
    const file = new Hdf5File(path, 'w');
    file.create_group('dense').create_dataset({ name: 'kernel:0', data: new Float32Array(4), shape: [2, 2] });
    file.close();
    await expectRefusal(
      path,
      /does not hold Keras' MobileNetV2: it has no float32 weight Conv1\/Conv1\/kernel:0/,
    );
  });

  test('says which weight has another type', async () => {
    const path = await edit('types.h5', (file) => {
      const layer = file.create_group('extra').create_group('extra');
      layer.create_dataset({ name: 'kernel:0', data: new Float64Array(4), shape: [2, 2] });
    });
    const read = withKerasWeights(path, (weight) => weight('extra', 'kernel'));
    await expect(read).rejects.toThrow(/no float32 weight extra\/extra\/kernel:0/);
  });
});

describe('building the network', () => {
  test('refuses weights that are not numbers', async () => {
    const path = await edit('nan.h5', (file) => {
      const weight = file.get('Conv1/Conv1/kernel:0');
      if (weight && 'write_slice' in weight)
        weight.write_slice(
          [
            [0, 1],
            [0, 1],
            [0, 1],
            [0, 1],
          ],
          Float32Array.of(Number.NaN),
        );
    });
    await expect(build(path)).rejects.toThrow(/weights of Conv1 are not all finite/);
  });
});
