import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { modelSchema } from '../../../layers/model/description.ts';
import { kill, type ServerProcess, temporaryFolder } from '../../support/local/server-process.ts';
import { labelsOf, picturesToLabel, startWithModel } from '../../support/model/own-served.ts';

/** The model that the stack at `BASE_URL` was deployed with. */
const model = process.env.STACK_MODEL ?? '';
let server: ServerProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startWithModel(model, folder.path);
});
afterAll(async () => {
  await kill(server);
  await folder[Symbol.asyncDispose]();
});

test('the stack tells of the same model as the local server', async () => {
  const read = async (url: string) => modelSchema.parse(await (await fetch(new URL('model', url))).json());
  expect(await read(inject('baseUrl'))).toEqual(await read(server.url));
});

test('the stack gives the scores of the local server, to the bit', async () => {
  const pictures = await picturesToLabel(19);
  for (const picture of pictures) {
    const labels = await labelsOf(server.url, picture);
    expect(labels.length).toBeGreaterThan(2);
    expect(await labelsOf(inject('baseUrl'), picture)).toEqual(labels);
  }
});
