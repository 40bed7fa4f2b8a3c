import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** `npm run build` for this machine's processor: an emulator runs functions on it. */
export async function build(): Promise<void> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86-64';
  const script = join(import.meta.dirname, '../build.ts');
  await promisify(execFile)(process.execPath, [script, '--architecture', architecture]);
}
