import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { modelEnvironment } from '../model/environment.ts';

export interface Example {
  readonly language: string;
  readonly code: string;
}

/** The commands and programs that a Markdown page shows. */
export function examplesIn(page: string): Example[] {
  const blocks = page.matchAll(/```(bash|python|ts)\n([\s\S]*?)```/g);
  return [...blocks].map(([, language = '', code = '']) => ({ language, code }));
}

const commands: Readonly<Record<string, (code: string) => [program: string, args: string[]]>> = {
  bash: (code) => ['bash', ['-euo', 'pipefail', '-c', code]],
  python: (code) => ['python3', ['-c', code]],
  ts: (code) => [process.execPath, ['--input-type=module-typescript', '--eval', code]],
};

/** Runs an example against a service, and resolves to what it prints. */
export async function runExample({ language, code }: Example, url: string): Promise<string> {
  const here = code.replaceAll('http://localhost:8000/', url);
  const [program, args] = commands[language]?.(here) ?? ['false', []];
  const env = { ...process.env, ...(await modelEnvironment()) };
  return (await promisify(execFile)(program, args, { env })).stdout;
}
