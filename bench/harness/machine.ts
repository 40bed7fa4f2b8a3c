import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { cacheDir, inRepository } from './settings.ts';

const output = z.object({ stdout: z.string().default(''), stderr: z.string().default('') });

/** The machine and the versions that the figures hold for. */
export async function describeMachine(): Promise<Record<string, string>> {
  const processors = cpus();
  const transformers = 'bench/peers/transformers/package.json';
  return {
    processors: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    node: process.versions.node,
    wrk: /wrk (\S+)/.exec(await say('wrk', ['-v']))?.[1] ?? 'none',
    redis: /v=(\S+)/.exec(await say('redis-server', ['--version']))?.[1] ?? 'none',
    ...(await versionsIn('package.json', /"(onnxruntime-node|sharp)": "(.*)"/g)),
    ...(await versionsIn(transformers, /"@huggingface\/(transformers)": "(.*)"/g)),
    python: (await say(join(cacheDir, 'venvs/onnxruntime/bin/python'), ['--version'])).trim().slice(7),
    ...(await versionsIn('bench/peers/onnxruntime/requirements.txt', /^(\S+)==(\S+)$/gm)),
    ...(await versionsIn('bench/peers/keras/requirements.txt', /^(\S+)==(\S+)$/gm)),
  };
}

async function versionsIn(file: string, pattern: RegExp): Promise<Record<string, string>> {
  const text = await readFile(inRepository(file), 'utf8');
  return Object.fromEntries([...text.matchAll(pattern)].map(([, name, version]) => [name, version]));
}

/** What a program prints, on either stream, whatever its exit code. */
async function say(command: string, args: readonly string[]): Promise<string> {
  const seen = await promisify(execFile)(command, args).catch((error: unknown) => error);
  const { stdout, stderr } = output.parse(seen);
  return stdout + stderr;
}
