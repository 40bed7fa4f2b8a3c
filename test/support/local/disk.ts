import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './server-process.ts';

const run = promisify(execFile);

/** Only root may mount a file system. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/** A file system in memory of this size, such as `12m`, that is gone when it is disposed of. */
export async function smallDisk(
  size: string,
  options = '',
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'disk');
  await mkdir(path);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}${options}`, 'tmpfs', path]);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}
