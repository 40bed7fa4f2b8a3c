import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { documentDigest, openApiDocument } from '../functions/site/openapi/document.ts';

// `npm run client`: writes client/schema.ts from the OpenAPI document. The generator needs TypeScript's compiler API, which
// TypeScript 7 does not have, so it runs from npm's cache beside a TypeScript that has.
const generator = ['-p', 'openapi-typescript@7.13.0', '-p', 'typescript@5.9.3', 'openapi-typescript'];
const target = fileURLToPath(new URL('./schema.ts', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
try {
  const [source, output] = [join(folder, 'openapi.json'), join(folder, 'schema.ts')];
  await writeFile(source, JSON.stringify(openApiDocument()));
  await promisify(execFile)('npx', ['--yes', ...generator, source, '--output', output]);
  await writeFile(
    target,
    `// Made by "npm run client" from the document ${documentDigest()}\n${await readFile(output, 'utf8')}`,
  );
  await promisify(execFile)('npx', ['biome', 'check', '--write', target]);
} finally {
  await rm(folder, { recursive: true });
}
