import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import * as z from 'zod';
import { watchOthers } from '../harness/processor.ts';
import type { PipelineRun } from '../harness/results.ts';
import { median } from '../harness/statistics.ts';

const report = z.object({
  perSecond: z.number(),
  p50: z.number(),
  decode: z.number(),
  resize: z.number(),
  network: z.number(),
});
type Report = z.infer<typeof report>;

export interface PipelineOptions {
  readonly processes: number;
  /** Of the network in each process. */
  readonly threads: 1 | 2;
  readonly seconds: number;
}

/** The rate of decode, resize and network alone: what no way through HTTP, store and queue can be faster than. */
export async function runPipeline({ processes, threads, seconds }: PipelineOptions): Promise<PipelineRun> {
  const children = Array.from({ length: processes }, () =>
    fork(new URL('./pipeline-process.ts', import.meta.url), [String(threads)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    }),
  );
  try {
    await Promise.all(children.map(nextMessage));
    const { result: reports, others } = await watchOthers(() =>
      Promise.all(children.map((child) => measure(child, seconds))),
    );
    return { processes, threads, ...combine(reports), others };
  } finally {
    for (const child of children) child.kill();
  }
}

async function measure(child: ChildProcess, seconds: number): Promise<Report> {
  child.send({ milliseconds: seconds * 1000 });
  return report.parse(await nextMessage(child));
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('A pipeline process ended early.');
  });
  ended.catch(() => {});
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message;
}

function combine(reports: readonly Report[]): Report {
  const middle = (pick: (report: Report) => number) => median(reports.map(pick));
  return {
    perSecond: reports.reduce((sum, { perSecond }) => sum + perSecond, 0),
    p50: middle(({ p50 }) => p50),
    decode: middle(({ decode }) => decode),
    resize: middle(({ resize }) => resize),
    network: middle(({ network }) => network),
  };
}
