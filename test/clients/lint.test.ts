import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../functions/site/openapi/document.ts';
import { temporaryFolder } from '../support/local/server-process.ts';
import { run } from './tools.ts';

describe('The OpenAPI document', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let document: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
    document = join(folder.path, 'openapi.json');
    await writeFile(document, JSON.stringify(openApiDocument(), null, 2));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test('has nothing that Redocly warns of by its recommended rules', async () => {
    const args = [
      '-p',
      '@redocly/cli@2.77.0',
      'redocly',
      'lint',
      '--extends=recommended',
      '--format=json',
      document,
    ];
    const { totals } = JSON.parse(await run('npx', ['--yes', ...args], folder.path));
    expect(totals).toMatchObject({ errors: 0, warnings: 0, ignored: 0 });
  });

  test('has nothing that Spectral warns of by its rules for OpenAPI', async () => {
    const ruleset = join(folder.path, 'spectral.json');
    await writeFile(ruleset, JSON.stringify({ extends: 'spectral:oas' }));
    const args = ['-p', '@stoplight/spectral-cli@6.16.3', 'spectral', 'lint', '--format=json', '--quiet'];
    const more = ['--fail-severity=hint', '--ruleset', ruleset, document];
    expect(JSON.parse(await run('npx', ['--yes', ...args, ...more], folder.path))).toEqual([]);
  });
});
