import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkModel, digestsFile, digestsOf } from '../../../aws/model-digests.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'digests-'));
  for (const file of ['network.onnx', 'labels.json']) await writeFile(join(dir, file), `the ${file}`);
  await writeFile(
    join(dir, digestsFile),
    JSON.stringify(await digestsOf(dir, ['network.onnx', 'labels.json'])),
  );
});
afterAll(() => rm(dir, { recursive: true }));

test('a function loads the model that it was built with', async () => {
  await checkModel(dir, dir);
});

test('a function refuses another model, and says which of its files differ', async () => {
  await writeFile(join(dir, 'network.onnx'), 'another network');
  await expect(checkModel(dir, dir)).rejects.toThrow(
    /not the one this function was built with: network.onnx differ/,
  );
});
