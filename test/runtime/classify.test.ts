import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type ClassifyFunction, startClassify } from '../support/aws/classify-function.ts';
import { distDir } from '../support/aws/function-process.ts';
import { drawJpeg } from '../support/pictures/images.ts';

let classify: ClassifyFunction;
let filesBefore: string[];
let firstBatchMilliseconds: number;
const dockerfile = await readFile(new URL('../../functions/classify/Dockerfile', import.meta.url), 'utf8');

beforeAll(async () => {
  filesBefore = await files();
  classify = await startClassify(distDir, commandOf(dockerfile));
});
afterAll(() => classify?.stop());

/** The handler that the Dockerfile's last line starts. */
function commandOf(text: string): string {
  const [command] = z.tuple([z.string()]).parse(JSON.parse(/^CMD (\[.*\])$/m.exec(text)?.[1] ?? '[]'));
  return command;
}

const files = async () => (await readdir(join(distDir, 'classify'), { recursive: true })).sort();

describe("the classify function's container, started without Docker", () => {
  test('copies what the build has made, and files that everybody may read', async () => {
    const sources = [...dockerfile.matchAll(/^COPY (\S+) /gm)].map(([, source = '']) => source);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect((await stat(join(distDir, source))).isDirectory()).toBe(true);
    for (const file of await files()) {
      expect((await stat(join(distDir, 'classify', file))).mode & 0o444, file).toBe(0o444);
    }
  });

  test('takes a batch of messages: results are written, and only what failed comes again', async () => {
    const good = await classify.submit(await drawJpeg());
    const text = await classify.submit(Buffer.from('not an image at all'));
    await classify.queue.send('not a message of ours');
    const { kind, failed, received, milliseconds } = await classify.runBatch(3);
    expect(kind).toBe('response');
    expect(failed).toEqual(
      received.filter(({ body }) => body.startsWith('not')).map(({ messageId }) => messageId),
    );
    expect(await classify.jobs.read(good)).toMatchObject({
      status: 'succeeded',
      image: { format: 'jpeg', width: 320 },
    });
    expect((await classify.jobs.read(good))?.predictions).toHaveLength(20);
    expect(await classify.jobs.read(text)).toMatchObject({
      status: 'failed',
      error: { code: 'unsupported_image' },
    });
    firstBatchMilliseconds = milliseconds;
    console.log(`first batch, with the start of the function: ${milliseconds.toFixed(0)} ms`);
  });

  test('brings back soon what could not be handled', async () => {
    await expect
      .poll(async () => (await classify.queue.receive({ max: 1, waitSeconds: 1 })).at(0)?.receiveCount)
      .toBe(2);
  });

  test('answers the next event from the same process, without loading the model again', async () => {
    const id = await classify.submit(await drawJpeg(640, 480, 3));
    const { failed, milliseconds } = await classify.runBatch(1);
    expect(failed).toEqual([]);
    expect(await classify.jobs.read(id)).toMatchObject({ status: 'succeeded' });
    expect(milliseconds).toBeLessThan(firstBatchMilliseconds);
    console.log(`one image, warm: ${milliseconds.toFixed(0)} ms`);
  });

  test('says what happened, with the id of the job and of the request on the line', async () => {
    const id = await classify.submit(await drawJpeg(64, 64, 5));
    await classify.runBatch(1);
    const line = classify.process.lines.find((text) => text.includes('job ended') && text.includes(id));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      level: 'INFO',
      jobId: id,
      service: 'classify',
      function_name: 'classify',
      function_request_id: expect.any(String),
      outcome: 'succeeded',
    });
  });

  test('writes its metrics, the cold start once', async () => {
    const lines = classify.process.lines.filter((text) => text.includes('CloudWatchMetrics'));
    expect(lines.filter((text) => text.includes('"ColdStart"'))).toHaveLength(1);
    for (const metric of ['Decode', 'Network', 'CreatedToEnded', 'Images']) {
      expect(
        lines.some((text) => text.includes(`"Name":"${metric}"`)),
        metric,
      ).toBe(true);
    }
  });

  test('writes nothing beside its code', async () => {
    expect(await files()).toEqual(filesBefore);
  });
});
