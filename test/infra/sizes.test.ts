import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sayTooLargeForZip } from '../../infra/build/sizes.ts';

test('a model that does not fit a zip and its layer is told to use the container', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sizes-'));
  await mkdir(join(dir, 'classify'));
  await mkdir(join(dir, 'layer/model'), { recursive: true });
  const network = join(dir, 'layer/model/network.onnx');
  await writeFile(network, '');
  await truncate(network, 200e6);
  expect(await sayTooLargeForZip(dir)).toBeUndefined();
  await truncate(network, 350e6);
  expect(await sayTooLargeForZip(dir)).toBe(
    'This model does not fit a zip and its layer (350 MB, Lambda takes 262): deploy it with -c packaging=container.',
  );
  await rm(dir, { recursive: true });
});
