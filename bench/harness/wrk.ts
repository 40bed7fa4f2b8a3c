import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { PreparedBodies } from './photos.ts';

const result = z.object({
  requests: z.number(),
  seconds: z.number(),
  p50: z.number(),
  p99: z.number(),
  failed: z.number(),
  processorSeconds: z.number(),
});

/** What wrk saw. Latencies in milliseconds; `generatorShare` is wrk's own share of one core. */
export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly generatorShare: number;
}

export interface LoadOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly bodies: PreparedBodies;
}

/** Posts the photos in turn for some seconds. @throws {Error} where any answer was not 200. */
export async function load(url: string, { connections, seconds, bodies }: LoadOptions): Promise<Load> {
  const script = join(import.meta.dirname, 'post.lua');
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, url];
  const { stdout } = await promisify(execFile)('wrk', args, {
    env: { ...process.env, ...bodies },
    timeout: (seconds + 60) * 1000,
  });
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk did not end well: ${stdout}`);
  const { requests, seconds: took, p50, p99, failed, processorSeconds } = result.parse(JSON.parse(line));
  if (failed > 0) throw new Error(`${failed} of ${requests} requests failed: ${stdout}`);
  return { perSecond: requests / took, p50, p99, generatorShare: processorSeconds / took };
}
