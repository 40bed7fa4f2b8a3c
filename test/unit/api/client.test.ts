import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { documentDigest } from '../../../functions/site/openapi/document.ts';

test('The generated client is that of the document as it is now; "npm run client" makes it so', async () => {
  const generated = await readFile(new URL('../../../client/schema.ts', import.meta.url), 'utf8');
  expect(generated.split('\n')[0]).toContain(documentDigest());
});
