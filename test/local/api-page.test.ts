import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examplesIn, runExample } from '../support/local/examples.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';

const examples = examplesIn(await readFile('docs/api.md', 'utf8'));

/** What each example prints something of, in the order of the page. */
const expected = [
  /"label":"balloon"/,
  /'label': 'balloon'/,
  /^304\n$/,
  /^pending\n$/,
  /balloon\.png[\s\S]*\.webp[\s\S]*"label":"balloon"[\s\S]*balloon\.png +\d+\.\d% balloon/,
];

describe('docs/api.md', () => {
  let service: LocalService;
  beforeAll(async () => {
    service = await startLocalService();
  });
  afterAll(() => service[Symbol.asyncDispose]());

  test('has an example for everything that is expected of it', () => {
    expect(examples).toHaveLength(expected.length);
  });

  test.each(examples.map((example, index) => ({ ...example, output: expected[index] ?? /^$/ })))(
    'is right about: $code',
    async ({ output, ...example }) => {
      expect(await runExample(example, service.url)).toMatch(output);
    },
  );
});
