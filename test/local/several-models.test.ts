import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createApi } from '../../client/client.ts';
import { submitImage } from '../../client/submit.ts';
import {
  kill,
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';
import { writeModelFolder } from '../support/model/own.ts';
import { drawJpeg } from '../support/pictures/images.ts';

const main = new URL('../../cli/predict/main.ts', import.meta.url).pathname;
const label = z.object({ label: z.string(), score: z.number() });
/** A status document, as far as these tests look into it. */
const jobSchema = z.looseObject({
  results: z.record(z.string(), z.looseObject({ predictions: z.array(z.unknown()) })).optional(),
});
const byModel = z.record(z.string(), z.array(label));

describe('A server with two models', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let photo: Uint8Array<ArrayBuffer>;
  let models: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    models = `tints=${await writeModelFolder(folder.path)},imagenet=`;
    const { MODEL_CACHE = join(folder.path, 'cache') } = process.env;
    server = await startServerProcess({
      ...(await modelEnvironment()),
      ...{ DATA_DIR: join(folder.path, 'data'), MODEL: models, MODEL_CACHE },
    });
    photo = new Uint8Array(await drawJpeg());
    await writeFile(join(folder.path, 'photo.jpg'), photo);
  });
  afterAll(async () => {
    await kill(server);
    await folder[Symbol.asyncDispose]();
  });

  const predict = (query: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${server.url}predict${query}`, { method: 'POST', body: photo, headers });
  const read = async (path: string): Promise<unknown> => (await fetch(server.url + path)).json();
  const readJob = async (path: string | null) => jobSchema.parse(await read(path ?? ''));

  test('lists them, the default first', async () => {
    expect(await read('models')).toMatchObject([
      { name: 'tints', default: true, classes: 3 },
      { name: 'imagenet', default: false, classes: 1000, model: { name: 'mobilenet_v2_1.0_224' } },
    ]);
  });

  test('tells of each model and its labels, and of the default one where none is named', async () => {
    expect(await read('labels?model=tints')).toEqual([
      { label: 'red' },
      { label: 'green' },
      { label: 'blue' },
    ]);
    expect(await read('labels')).toEqual(await read('labels?model=tints'));
    expect(await read('labels?model=imagenet')).toHaveLength(1000);
    expect(await read('model?model=imagenet')).toMatchObject({ name: 'mobilenet_v2_1.0_224', classes: 1000 });
    expect(await read('model')).toMatchObject({ classes: 3 });
  });

  test('answers with the labels of the one that is named, or of the default one', async () => {
    const [none, tints, imagenet] = await Promise.all(
      ['', '?model=tints', '?model=imagenet'].map(async (query) =>
        z.array(label).parse(await (await predict(query)).json()),
      ),
    );
    expect(none).toEqual(tints);
    expect(none?.map((each) => each.label).sort()).toEqual(['blue', 'green', 'red']);
    expect(imagenet).not.toEqual(tints);
  });

  test('answers by name where several are asked, with the scores of each alone', async () => {
    const both = byModel.parse(await (await predict('?model=imagenet,tints&top=2')).json());
    expect(Object.keys(both)).toEqual(['imagenet', 'tints']);
    for (const [name, labels] of Object.entries(both))
      expect(labels).toEqual(await (await predict(`?model=${name}&top=2`)).json());
  });

  test('keeps with the job which models were asked, and what each saw, once', async () => {
    const answer = await predict('?model=imagenet,tints');
    const job = await readJob(`${answer.headers.get('Location')}?top=20`);
    expect(job).toMatchObject({
      models: ['imagenet', 'tints'],
      results: {
        imagenet: { model: { name: 'mobilenet_v2_1.0_224' } },
        tints: { model: { sha256: expect.any(String) } },
      },
    });
    expect(job).not.toHaveProperty('predictions');
    expect(job.results?.imagenet?.predictions).toHaveLength(20);
    expect(JSON.stringify(job).length).toBeLessThan(4096);
    const single = await predict('?model=imagenet');
    expect(await read(single.headers.get('Location') ?? '')).toMatchObject({
      ...{ models: ['imagenet'], model: { name: 'mobilenet_v2_1.0_224' } },
      predictions: [{}, {}, {}],
    });
  });

  test('says nothing of models to a client that names none', async () => {
    const answer = await predict('');
    expect(Object.keys(await readJob(answer.headers.get('Location')))).toEqual([
      ...[
        'id',
        'source',
        'status',
        'version',
        'attempts',
        'createdAt',
        'deadline',
        'expiresAt',
        'startedAt',
        'finishedAt',
      ],
      ...['image', 'predictions', 'timings', 'model'],
    ]);
  });

  test.each(['none', 'tints,none', 'tints,', ''])(
    'refuses ?model=%s, and names those that there are',
    async (name) => {
      const answer = await predict(`?model=${name}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        code: 'invalid_parameter',
        detail: expect.stringContaining('there are tints, imagenet'),
      });
    },
  );

  test('refuses a model that is named twice', async () => {
    expect((await predict('?model=tints,tints')).status).toBe(400);
  });

  test('takes the other model for another request under the same idempotency key', async () => {
    const headers = { 'Idempotency-Key': `key-${crypto.randomUUID()}` };
    const [first, again, named] = [
      await predict('', headers),
      await predict('', headers),
      await predict('?model=tints', headers),
    ];
    expect(new Set([first, again, named].map((answer) => answer.headers.get('Location'))).size).toBe(1);
    const other = await predict('?model=imagenet', headers);
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused' });
  });

  test('asks the models that the form was made for', async () => {
    const api = createApi(server.url);
    const { data } = await api.GET('/model');
    if (data === undefined) throw new Error('There is no model.');
    const limits = { ...data.limits, inlineImageBytes: 1 };
    const options = { api, baseUrl: server.url, limits, idempotencyKey: crypto.randomUUID() };
    const id = await submitImage(new Blob([photo]), { ...options, model: 'imagenet,tints' });
    const job = await readJob(`status/${id}?wait=20`);
    expect(Object.keys(job.results ?? {})).toEqual(['imagenet', 'tints']);
    const refused = await fetch(`${server.url}uploads`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ contentType: 'image/jpeg', model: 'none' }),
    });
    expect(refused.status).toBe(400);
  });

  describe('on the command line', () => {
    const run = async (args: readonly string[]) => {
      const { MODEL_CACHE = join(folder.path, 'cache') } = process.env;
      const env = { ...process.env, ...(await modelEnvironment()), MODEL_CACHE };
      const flags = [
        '--disable-warning=ExperimentalWarning',
        main,
        '--top',
        '2',
        ...args,
        join(folder.path, 'photo.jpg'),
      ];
      return (await promisify(execFile)(process.execPath, flags, { env })).stdout;
    };

    test('label each file, here and by the server, with the same results', async () => {
      const [tints, imagenet] = models.split(',');
      const here = await run(['--json', '--model', tints ?? '', '--model', imagenet ?? '']);
      const there = await run(['--json', '--server', server.url, '--model', 'tints,imagenet']);
      expect(JSON.parse(here)).toEqual(JSON.parse(there));
      expect(JSON.parse(here)).toMatchObject([{ results: { tints: [{}, {}], imagenet: [{}, {}] } }]);
    });

    test('have columns of their own in a table', async () => {
      const csv = await run(['--csv', '--server', server.url, '--model', 'tints,imagenet']);
      const [header, row = ''] = csv.split('\r\n');
      expect(header).toBe(
        'file,tints_label_1,tints_score_1,tints_label_2,tints_score_2,imagenet_label_1,imagenet_score_1,imagenet_label_2,imagenet_score_2,error',
      );
      expect(row.split(',')).toHaveLength(10);
      expect(await run(['--server', server.url, '--model', 'tints,imagenet'])).toMatch(
        /photo\.jpg\n {2}tints +\d.*\n {2}imagenet +\d/,
      );
    });

    test('one of them answers as ever', async () => {
      const [row] = JSON.parse(await run(['--json', '--server', server.url, '--model', 'imagenet']));
      expect(Object.keys(row)).toEqual(['file', 'labels']);
    });

    test('are refused by name where the server has no such one', async () => {
      await expect(run(['--server', server.url, '--model', 'none'])).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--model names none, and the service has tints, imagenet.'),
      });
    });
  });
});
