import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from '../../infra/scaling/statistics.ts';
import { type Figures, figures } from '../harness/results.ts';

/** Processes, and threads of the network in each: a lone image may have both cores; with more in flight each process has one. */
export const pipelineShapes = [
  { name: 'pipeline 1 × 1', processes: 1, threads: 1 },
  { name: 'pipeline 1 × 2', processes: 1, threads: 2 },
  { name: 'pipeline 2 × 1', processes: 2, threads: 1 },
] as const;

/** Decode, resize and network alone, without HTTP, store and queue. Images a second, and milliseconds an image. */
export async function runPipeline(
  { processes, threads }: { readonly processes: number; readonly threads: number },
  seconds: number,
): Promise<Figures> {
  const script = join(import.meta.dirname, 'pipeline-process.ts');
  const args = ['--disable-warning=ExperimentalWarning', script, String(threads), String(seconds)];
  const runs = Array.from({ length: processes }, () => promisify(execFile)(process.execPath, args));
  const reports = (await Promise.all(runs)).map(({ stdout }) => figures.parse(JSON.parse(stdout)));
  const of = (name: string) => reports.map((entry) => entry[name] ?? Number.NaN);
  const names = Object.keys(reports[0] ?? {});
  const middles = Object.fromEntries(names.map((name) => [name, median(of(name))]));
  return { ...middles, rate: of('rate').reduce((sum, rate) => sum + rate, 0) };
}
