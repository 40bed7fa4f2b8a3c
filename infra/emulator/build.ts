import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * `npm run build` for this machine's processor: an emulator runs functions on it.
 * @param model one of a person's own.
 * @throws {Error} with what the build printed.
 */
export async function build({ model }: { readonly model?: string | undefined } = {}): Promise<void> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86-64';
  const script = join(import.meta.dirname, '../build.ts');
  const parts = ['--architecture', architecture, ...(model === undefined ? [] : ['--model', model])];
  await promisify(execFile)(process.execPath, [script, ...parts]);
}
