import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClassify } from '../support/aws/classify-function.ts';
import { kill } from '../support/local/server-process.ts';
import { temporaryModels, writeModelFolder } from '../support/model/own.ts';
import {
  labelsByModel,
  labelsOf,
  modelsToServe,
  picturesToLabel,
  startWithModel,
} from '../support/model/own-served.ts';

const batchSize = 10;
let temporary: string;
beforeAll(async () => {
  temporary = await temporaryModels();
});
afterAll(() => rm(temporary, { recursive: true }));

/** `npm run build -- --model PATH` for this machine. */
async function buildFor(model: string, dist: string): Promise<void> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86-64';
  const script = join(import.meta.dirname, '../../infra/build.ts');
  const parts = [script, '--architecture', architecture, '--model', model, '--out', dist];
  await promisify(execFile)(process.execPath, parts);
}

test('the built classify function gives the scores of the local server, to the bit, with models of your own', async () => {
  const pictures = await picturesToLabel(39);
  for (const [index, model] of (await modelsToServe(temporary)).entries()) {
    const dist = join(temporary, `dist-${index}`);
    await buildFor(model, dist);
    const server = await startWithModel(model, join(temporary, `data-${index}`));
    const classify = await startClassify(dist, 'main.handler');
    for (let from = 0; from < pictures.length; from += batchSize) {
      const batch = pictures.slice(from, from + batchSize);
      const ids = await Promise.all(batch.map((picture) => classify.submit(picture)));
      const { failed } = await classify.runBatch(batch.length);
      expect(failed, `${classify.process.lines.slice(-3).join('\n')}`).toEqual([]);
      for (const [at, picture] of batch.entries()) {
        const job = await classify.jobs.read(ids[at] ?? '');
        const seen = job?.predictions?.map(({ label, score }) => ({ label, score }));
        expect(seen?.length, model).toBeGreaterThan(2);
        expect(seen, model).toEqual(await labelsOf(server.url, picture));
      }
    }
    await classify.stop();
    await kill(server);
  }
});

test('the built classify function lets several models see one image, with the scores of the local server', async () => {
  const models = `made=${await writeModelFolder(temporary)},imagenet=`;
  const names = ['imagenet', 'made'];
  const dist = join(temporary, 'dist-several');
  await buildFor(models, dist);
  const server = await startWithModel(models, join(temporary, 'data-several'));
  const classify = await startClassify(dist, 'main.handler');
  for (const picture of await picturesToLabel(4)) {
    const id = await classify.submit(picture, names);
    expect((await classify.runBatch(1)).failed).toEqual([]);
    const results = Object.entries((await classify.jobs.read(id))?.results ?? {});
    const seen = results.map(([name, { predictions }]) => [
      name,
      predictions.map(({ label, score }) => ({ label, score })),
    ]);
    expect(seen).toHaveLength(2);
    expect(Object.fromEntries(seen)).toEqual(await labelsByModel(server.url, picture, names));
  }
  await classify.stop();
  await kill(server);
});
