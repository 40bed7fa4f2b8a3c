import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { exists } from '../exists.ts';

const run = promisify(execFile);

export interface PythonTool {
  /** What people call it. */
  readonly name: string;
  /** Folder of its virtual environment, made on first use. */
  readonly folder: string;
  readonly python: string;
  /** A file that pip reads. */
  readonly requirements: string;
}

/**
 * Installs a Python tool into a virtual environment of its own, once.
 * @throws {Error} where it cannot be installed; what was begun is taken away.
 */
export async function installPythonTool({ name, folder, python, requirements }: PythonTool): Promise<void> {
  const done = join(folder, 'installed');
  if (await exists(done)) return;
  console.error(`Installing ${name} to ${folder} …`);
  await mkdir(dirname(folder), { recursive: true });
  try {
    await rm(folder, { recursive: true, force: true });
    await run(python, ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--requirement', requirements]);
    await mkdir(done);
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`${name} cannot be installed with ${python}: name another Python with STACK_PYTHON.`, {
      cause,
    });
  }
}
