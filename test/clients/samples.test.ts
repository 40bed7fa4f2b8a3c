import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { jobSchema } from '../../functions/shared/job.ts';
import { openApiDocument } from '../../functions/site/openapi/document.ts';
import { examples } from '../../functions/site/openapi/examples.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';
import { temporaryFolder } from '../support/local/server-process.ts';
import { drawJpeg } from '../support/pictures/images.ts';
import { python, run } from './tools.ts';

const sample = z.object({ lang: z.enum(['Shell', 'Python', 'TypeScript']), source: z.string() });
const operation = z.object({ operationId: z.string(), 'x-codeSamples': z.array(sample) });
const operations = z.record(z.string(), z.record(z.string(), operation)).parse(openApiDocument().paths);
const cases = Object.values(operations)
  .flatMap((methods) => Object.values(methods))
  .flatMap(({ operationId, 'x-codeSamples': list }) => list.map((one) => ({ operationId, ...one })));

/** What a sample of each call prints. */
const printed: Readonly<Record<string, RegExp>> = {
  predict: /\d%? \w+|label"?: ?['"]/,
  createUpload: /["']?status["']?: ?["']succeeded/,
  getStatus: /["']?status["']?: ?["']succeeded/,
  deleteJob: /204/,
  getEvents: /event: status/,
  getPage: /<!doctype html>/,
  getHealth: /"status":"ok"/,
  getModel: /"formats":/,
  getModels: /"default":true/,
  getLabels: /"label":"tench"/,
  getOpenApi: /"openapi":"3.1.0"/,
};

const commands: Record<z.infer<typeof sample>['lang'], (source: string) => [string, string[]]> = {
  Shell: (source) => ['bash', ['-euo', 'pipefail', '-c', source]],
  Python: (source) => [python('python'), ['-c', source]],
  TypeScript: (source) => [process.execPath, ['--input-type=module-typescript', '--eval', source]],
};

describe('The samples in the OpenAPI document', () => {
  let service: LocalService;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    [service, folder] = await Promise.all([startLocalService(), temporaryFolder()]);
    await writeFile(join(folder.path, 'photo.jpg'), await drawJpeg());
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('are three for each call', () => {
    expect(cases).toHaveLength(3 * Object.keys(printed).length);
  });

  test.each(cases)('make the call $operationId in $lang', async ({ operationId, lang, source }) => {
    const body = new Uint8Array(await drawJpeg());
    const answer = await fetch(`${service.url}predict`, {
      method: 'POST',
      body,
      headers: { Prefer: 'respond-async' },
    });
    const { id } = jobSchema.parse(await answer.json());
    await fetch(`${service.url}status/${id}?wait=20`);
    const here = source.replaceAll('http://localhost:8000/', service.url).replaceAll(examples.id, id);
    const [program, args] = commands[lang](here);
    expect(await run(program, args, folder.path)).toMatch(printed[operationId] ?? /^$/);
  });
});
