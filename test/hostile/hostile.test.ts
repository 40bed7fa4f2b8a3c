import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileKernel } from '../../layers/model/build/compile-kernel.ts';
import { Cases } from './cases.ts';
import { type CaseReport, reportSchema } from './report.ts';

const count = Number(process.env.HOSTILE_CASES ?? 20_000);
const seed = Number(process.env.HOSTILE_SEED ?? 1);

/** Processor time that no file may take: the local server ends a decode that has used more. */
const MOST_MILLISECONDS = 5000;
/** Memory that a process may take over all files: a progressive JPEG of 49 million pixels with colour at full size takes the most. */
const MOST_MEGABYTES = 1200;
/** A case that has not been answered so long after the one before hangs, even on a busy machine. */
const SILENCE_MILLISECONDS = 60_000;

const outcomes = [
  'pixels',
  'empty_file',
  'unsupported_image',
  'unsupported_variant',
  'image_too_large',
  'too_many_pixels',
  'too_costly',
  'corrupt_image',
];

let kernels: string;
beforeAll(async () => {
  kernels = await mkdtemp(join(tmpdir(), 'kernels-'));
  for (const name of ['jpeg', 'resize'] as const)
    await writeFile(join(kernels, `${name}.wasm`), await compileKernel(name));
});
afterAll(() => rm(kernels, { recursive: true }));

/** Has a process of its own decode cases, and gives what it reports until it ends; `undefined` at last where it did not end by itself. */
async function* decodeCases(from: number, to: number): AsyncGenerator<CaseReport | undefined> {
  const decoder = join(import.meta.dirname, 'decoder.ts');
  const child = fork(decoder, [kernels, seed, from, to].map(String), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const reports: CaseReport[] = [];
  let wake = Promise.withResolvers<void>();
  child.on('message', (message) => {
    reports.push(reportSchema.parse(message));
    wake.resolve();
  });
  child.on('exit', () => wake.resolve());
  for (let next = from; next < to; ) {
    const silence = setTimeout(() => child.kill('SIGKILL'), SILENCE_MILLISECONDS);
    await wake.promise;
    clearTimeout(silence);
    wake = Promise.withResolvers();
    for (const report of reports.splice(0)) {
      next = report.index + 1;
      yield report;
    }
    if (child.exitCode !== null || child.signalCode !== null) break;
  }
  const [code] = await exit;
  if (code !== 0) yield undefined;
}

test(
  `every one of ${count} hostile files is answered in time, with pixels or a reason`,
  async () => {
    const cases = await Cases.create(seed);
    expect(count).toBeGreaterThan(cases.fixed);
    const counts: Record<string, number> = {};
    const faults: string[] = [];
    let [next, slowest, largest] = [0, 0, 0];
    while (next < count && faults.length < 20) {
      for await (const report of decodeCases(next, count)) {
        if (report === undefined) {
          faults.push(`case ${next} (${(await cases.make(next)).name}): the process hung or crashed`);
          next++;
          break;
        }
        const { name, outcome, milliseconds, megabytes } = report;
        const complain = (what: string) => faults.push(`case ${report.index} (${name}): ${what}`);
        if (!outcomes.includes(outcome)) complain(outcome);
        if (milliseconds > MOST_MILLISECONDS) complain(`${Math.round(milliseconds)} ms`);
        if (megabytes > MOST_MEGABYTES && largest <= MOST_MEGABYTES) complain(`${Math.round(megabytes)} MB`);
        counts[outcome] = (counts[outcome] ?? 0) + 1;
        [slowest, largest] = [Math.max(slowest, milliseconds), Math.max(largest, megabytes)];
        next = report.index + 1;
      }
    }
    console.log(counts, `slowest ${Math.round(slowest)} ms, largest ${Math.round(largest)} MB`);
    expect(faults).toEqual([]);
    expect(Object.keys(counts)).toEqual(expect.arrayContaining(['pixels', 'too_costly', 'corrupt_image']));
  },
  24 * 3600_000,
);
