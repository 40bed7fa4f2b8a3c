import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { problemCodes, problemType } from '../../../functions/shared/errors.ts';
import { openApiDocument } from '../../../functions/site/openapi/document.ts';

test('docs/api.md lists every error with its status, meaning and default words', async () => {
  const rows = problemCodes.map((code) => {
    const { status, title, detail } = problemType(code);
    return `| \`${code}\` | ${status} | ${title} | ${detail} |`;
  });
  const page = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const listed = page.split('\n').filter((line) => /^\| `\w+` \| \d{3} \|/.test(line));
  expect(listed).toEqual(rows);
});

test('the OpenAPI document says where each error is answered', () => {
  const { paths, components } = openApiDocument();
  const answers = JSON.stringify([paths, components.responses]);
  const missing = problemCodes.filter((code) => !answers.includes(`"code":"${code}"`));
  // It is the error of an expired job, and GET /status answers that with 200.
  expect(missing).toEqual(['upload_expired']);
});
