import { execFile, spawnSync } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { kill, startServerProcess, temporaryFolder } from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';

const unit = await readFile('deploy/label-on-upload.service', 'utf8');
const dockerfile = await readFile('Dockerfile', 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('The Dockerfile', () => {
  test('copies everything that the server needs', async () => {
    await using folder = await temporaryFolder();
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    );
    expect(copied).toContain('local');
    for (const source of copied.filter((name) => name !== '.npmrc' && name !== 'package-lock.json'))
      await cp(source, join(folder.path, source), { recursive: true });
    await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
    const server = await startServerProcess(
      { ...(await modelEnvironment()), DATA_DIR: join(folder.path, 'data') },
      join(folder.path, 'local/main.ts'),
    );
    try {
      expect((await fetch(server.url)).status).toBe(200);
      expect((await fetch(new URL('ready', server.url))).status).toBe(200);
    } finally {
      await kill(server);
    }
  });

  test('lets through to the build what it copies', async () => {
    const ignored = await readFile('.dockerignore', 'utf8');
    for (const name of ['package.json', 'client', 'functions', 'layers', 'local', 'web'])
      expect(ignored).toContain(`!${name}\n`);
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
