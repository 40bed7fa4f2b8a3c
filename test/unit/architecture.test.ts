import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/local-server.ts';

const forbidden = [
  ['functions/shared', '../upload/submit.ts'],
  ['functions/shared/http', '../../../local/server.ts'],
  ['functions/upload', '../status/job.ts'],
  ['functions/classify', '../../layers/model/index.ts'],
  ['functions/site', '../../web/build.ts'],
  ['layers/model', '../../functions/shared/errors.ts'],
  ['infra/constructs', '../../functions/upload/handler.ts'],
  ['local/workers', '../../infra/stack.ts'],
  ['web/src', '../../functions/shared/limits.ts'],
] as const;

const allowed = [
  ['functions/upload', '../shared/http/handler.ts'],
  ['functions/shared/http', '../errors.ts'],
  ['functions/classify', './decode.ts'],
  ['infra', '../functions/shared/limits.ts'],
  ['local', '../functions/upload/handler.ts'],
  ['layers/model', 'zod'],
] as const;

it('the linter keeps every room from importing what it may not, and nothing else', async () => {
  await using folder = await temporaryFolder();
  const { vcs: _, $schema: __, ...settings } = JSON.parse(await readFile('biome.json', 'utf8'));
  await writeFile(join(folder.path, 'biome.json'), JSON.stringify(settings));
  const probes = [...forbidden, ...allowed].map(([room, specifier], index) => ({
    path: `${room}/probe${index}.ts`,
    specifier,
  }));
  for (const { path, specifier } of probes) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), `export { thing } from '${specifier}';\n`);
  }
  const lint = ['lint', '--only=style/noRestrictedImports', '--max-diagnostics=none', '.'];
  const { stdout, stderr } = spawnSync('biome', lint, { cwd: folder.path, encoding: 'utf8' });
  const refused = probes.filter(({ path }) => `${stdout}${stderr}`.includes(`${path}:`));
  expect(refused).toEqual(probes.slice(0, forbidden.length));
});
