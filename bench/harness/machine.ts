import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { cacheDir, inRepository } from './settings.ts';

const manifest = z.object({ version: z.string() });

/** The machine and the versions that the figures hold for. */
export async function describeMachine(): Promise<Record<string, string>> {
  const processors = cpus();
  return {
    processors: `${processors.length} × ${processors[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    node: process.versions.node,
    wrk: /wrk (\S+)/.exec(await say('wrk', ['-v']))?.[1] ?? 'unknown',
    'onnxruntime-node': await packageVersion('node_modules/onnxruntime-node'),
    sharp: await packageVersion('node_modules/sharp'),
    'transformers.js': await packageVersion(
      'bench/peers/transformers/node_modules/@huggingface/transformers',
    ),
    python: (await say(join(cacheDir, 'venvs/onnxruntime/bin/python'), ['--version'])).trim(),
    ...(await requirements('onnxruntime')),
    ...(await requirements('keras')),
  };
}

async function packageVersion(folder: string): Promise<string> {
  const text = await readFile(inRepository(folder, 'package.json'), 'utf8').catch(
    () => '{"version": "none"}',
  );
  return manifest.parse(JSON.parse(text)).version;
}

async function requirements(peer: string): Promise<Record<string, string>> {
  const text = await readFile(inRepository('bench/peers', peer, 'requirements.txt'), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^(\S+)==(\S+)$/gm)].map(([, name, version]) => [name, version]),
  );
}

/** What a program prints, on either stream, whatever its exit code. */
async function say(command: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args).catch((error: unknown) =>
    z.object({ stdout: z.string().default(''), stderr: z.string().default('') }).parse(error),
  );
  return stdout + stderr;
}
