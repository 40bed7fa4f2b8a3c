import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labels } from '../support/e2e/client.ts';
import { examplesIn, runExample } from '../support/local/examples.ts';
import { type LocalService, startLocalService } from '../support/local/poisoned-server.ts';

const readme = await readFile('README.md', 'utf8');
const examples = examplesIn(readme);

/** What every example must print something of, in the order of the README. */
const expected = [
  /"label":"\w+","score":0\.\d+/,
  /^\[/,
  /"status":"succeeded"/,
  /event: status/,
  /204 No Content/,
  /balloon\.webp \[.*\n.*clock\.webp \[/,
  /\d% \w+/,
  /succeeded \[/,
  /balloon\.webp +\d+\.\d% \w+/,
];

/** The weights whose answer the README shows, by the start of their SHA-256. */
const weightsOfTheReadme = 'db49a08c3a19';

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService();
});
afterAll(() => service[Symbol.asyncDispose]());

describe('the README', () => {
  test('has an example for everything that is expected of it', () => {
    expect(examples).toHaveLength(expected.length);
  });

  test.each(examples.map((example, index) => ({ ...example, output: expected[index] ?? /^$/ })))(
    'is right about: $code',
    async ({ output, ...example }) => {
      expect(await runExample(example, service.url)).toMatch(output);
    },
  );

  test('shows the labels that the weights it speaks of give', async () => {
    const shown = labels.parse(JSON.parse(/```json\n(.*)\n```/.exec(readme)?.[1] ?? ''));
    const body = await readFile('docs/images/balloon.png');
    const response = await fetch(`${service.url}predict`, { method: 'POST', body });
    const real = labels.parse(await response.json());
    const model = await (await fetch(`${service.url}model`)).text();
    if (!model.includes(weightsOfTheReadme)) return;
    expect(real).toEqual(shown.map(({ label, score }) => ({ label, score: expect.closeTo(score, 4) })));
  });
});
