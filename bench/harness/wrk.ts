import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { PreparedBodies } from './photos.ts';

/** What wrk saw. Latencies in milliseconds. */
const result = z.object({
  requests: z.number(),
  seconds: z.number(),
  p50: z.number(),
  p99: z.number(),
  failed: z.number(),
  processorSeconds: z.number(),
});

export interface LoadOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly bodies: PreparedBodies;
  /** What to start wrk with, such as `taskset`. */
  readonly prefix?: readonly string[];
}

/** Posts the photos in turn for some seconds. @throws {Error} where any answer was not 200. */
export async function load(url: string, { connections, seconds, bodies, prefix = [] }: LoadOptions) {
  const script = join(import.meta.dirname, 'post.lua');
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, url];
  const [command = '', ...args] = [...prefix, 'wrk', ...flags];
  const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, ...bodies } });
  const seen = result.parse(JSON.parse(/^RESULT (.*)$/m.exec(stdout)?.[1] ?? 'null'));
  if (seen.failed > 0) throw new Error(`${seen.failed} of ${seen.requests} requests failed: ${stdout}`);
  return { ...seen, perSecond: seen.requests / seen.seconds };
}
