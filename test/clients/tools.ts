import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

/** A program of the environment that holds test/clients/requirements.txt. */
export function python(program: string): string {
  const { CLIENTS_VENV } = process.env;
  if (CLIENTS_VENV === undefined)
    throw new Error('CLIENTS_VENV must name a venv with test/clients/requirements.txt.');
  return join(CLIENTS_VENV, 'bin', program);
}

const failure = z.object({ stdout: z.string(), stderr: z.string() });

/** Runs a tool, and throws what it printed where it fails. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  // openapi-python-client looks for its formatter there.
  const PATH = [join(process.env.CLIENTS_VENV ?? '', 'bin'), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  try {
    return (await promisify(execFile)(program, args, { cwd, env })).stdout;
  } catch (error) {
    const printed = failure.safeParse(error).data;
    if (printed === undefined) throw error;
    throw new Error(`${program} ${args.join(' ')} failed:\n${printed.stdout}\n${printed.stderr}`, {
      cause: error,
    });
  }
}
