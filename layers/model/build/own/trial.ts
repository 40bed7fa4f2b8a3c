import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { ModelFacts } from '../../description.ts';
import { ModelError } from '../errors.ts';

/** What a process learned that loaded a network and gave it a blank picture. */
const reportSchema = z.union([
  z.object({ problem: z.string() }),
  z.object({
    /** Of each class, in the order of the output. */
    scores: z.array(z.number().nullable()),
    memoryMb: z.number(),
    loadMilliseconds: z.number(),
    runMilliseconds: z.number(),
  }),
]);
export type Trial = Exclude<z.infer<typeof reportSchema>, { problem: string }>;

/** A network that needs longer to load and to run once would keep every worker from starting. */
const mostSeconds = 300;

/**
 * Loads a network in a process of its own, which it may take down, and runs a blank picture.
 * @param network of a folder that is being built.
 * @throws {ModelError} where it does not load, does not run, or ends the process.
 */
export async function tryNetwork(
  path: string,
  network: string,
  { input, output, preprocessing }: Pick<ModelFacts, 'input' | 'output' | 'preprocessing'>,
  { memoryMb }: { readonly memoryMb?: number } = {},
): Promise<Trial> {
  const child = fork(join(import.meta.dirname, `trial-process${extname(import.meta.filename)}`), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      ...(memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`]),
    ],
  });
  const ended = new AbortController();
  const exited = once(child, 'exit').then((ending: unknown[]) => String(ending[1] ?? `code ${ending[0]}`));
  exited.catch(() => {});
  const answer = once(child, 'message', { signal: ended.signal }).then(([message]: unknown[]) =>
    reportSchema.parse(message),
  );
  answer.catch(() => {});
  child.send({ network, input, output, preprocessing });
  const late = sleep(mostSeconds * 1000, 'late' as const, { signal: ended.signal, ref: false });
  late.catch(() => {});
  try {
    const report = await Promise.race([answer, exited, late]);
    if (report === 'late')
      throw new ModelError(`${path} has not loaded and run within ${mostSeconds} s: use a smaller model.`);
    if (typeof report === 'string') {
      throw new ModelError(
        `${path} ends onnxruntime's process (${report}): export it again, with an older opset or less optimisation.`,
      );
    }
    if ('problem' in report) throw new ModelError(`${path} cannot be run: ${report.problem}.`);
    return report;
  } finally {
    ended.abort();
    child.kill('SIGKILL');
  }
}
