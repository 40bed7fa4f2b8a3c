import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/local/server-process.ts';

const unit = await readFile('deploy/label-on-upload.service', 'utf8');
const dockerfile = await readFile('Dockerfile', 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('The Dockerfile', () => {
  test('lets through to the build everything that the package is made of', async () => {
    const ignored = await readFile('.dockerignore', 'utf8');
    const imports = /(?:from|import\() ?'(?:\.\.\/)+([\w-]+)\//g;
    const folders = new Set(['pack']);
    // A set grows while it is walked.
    for (const folder of folders)
      for await (const file of glob(`${folder}/**/*.ts`))
        for (const [, found = ''] of (await readFile(file, 'utf8')).matchAll(imports))
          if (existsSync(found)) folders.add(found);
    expect(folders.size).toBeGreaterThan(4);
    for (const folder of folders) expect(ignored).toContain(`!${folder}\n`);
    for (const file of ['package.json', 'package-lock.json', '.npmrc', 'tsconfig.json', 'CHANGELOG.md'])
      expect(ignored).toContain(`!${file}\n`);
  });

  test('starts the command of the package', () => {
    expect(dockerfile).toMatch(/^CMD \["\/app\/bin\/label-on-upload", "serve"\]$/m);
  });
});

describe.skipIf(!hasSystemd)('The systemd unit', () => {
  test('is one that systemd accepts', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'label-on-upload.service');
    // The program need not be installed here.
    await writeFile(file, unit.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
    const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', file]);
    expect(stderr).toBe('');
  });
});
