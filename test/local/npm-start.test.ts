import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/local/server-process.ts';
import { modelEnvironment } from '../support/model/environment.ts';

test.skipIf(process.platform === 'win32')('SIGTERM to npm start stops the server', async () => {
  await using folder = await temporaryFolder();
  const npm = spawn('npm', ['start'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, ...(await modelEnvironment()), DATA_DIR: folder.path, PORT: '0', WORKERS: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: npm.stdout }).on('line', (line) => {
      const address = /^Ready: (\S+)$/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  expect((await fetch(`${url}health`)).status).toBe(200);
  const exited = once(npm, 'exit');
  npm.kill('SIGTERM');
  await exited;
  const answers = () =>
    fetch(`${url}health`).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 10_000 }).toBe(false);
});
