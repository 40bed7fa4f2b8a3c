import { availableParallelism } from 'node:os';
import { EarlyWorkers } from '../../local/workers/fork.ts';
import { findFiles } from './files.ts';
import { inOrder } from './in-order.ts';
import type { Options } from './options.ts';
import { createFormatter } from './output.ts';
import { Progress } from './progress.ts';
import type { Engine } from './result.ts';
import { readWritten, type Written } from './resume.ts';
import { Writer } from './writer.ts';

/** Ended by Ctrl-C, as shells count it. */
const interruptedStatus = 130;
const someFailedStatus = 1;
const nothing: Written = { done: new Set(), bytes: 0 };

/** Labels the files and writes the results. Resolves to the exit status. */
export async function run(options: Options): Promise<number> {
  // They load their code while files and model are looked for.
  using early = new EarlyWorkers(
    options.server === undefined ? (options.workers ?? availableParallelism()) : 0,
  );
  const { names, total } = await findFiles(options, process.stdin);
  await using engine = await open(options, early);
  const formatter = createFormatter(options, engine.models);
  const written = options.resume
    ? await readWritten(options.output ?? '', options.format, formatter.start)
    : nothing;
  const writer =
    options.output === undefined ? Writer.toStandardOutput() : Writer.toFile(options.output, written.bytes);
  const progress = new Progress(
    process.stderr,
    total === undefined ? undefined : countLeft(total, names, written),
  );
  const interrupted = stopOnInterrupt(progress, () => writer.closeNow(formatter.end));
  if (written.bytes === 0) await writer.write(formatter.start);
  try {
    const limits = { size: engine.concurrency, signal: interrupted };
    for await (const result of inOrder(withoutDone(names, written), limits, engine.classify)) {
      // Only a terminal shows both.
      if (process.stdout.isTTY) progress.clear();
      await writer.write(formatter.result(result, written.done.size + progress.done === 0));
      progress.add(result.error !== undefined);
    }
  } catch (error) {
    // What was labelled before is kept, and what is written is whole; why it ended matters more than why that fails.
    progress.clear();
    writer.closeNow(formatter.end);
    throw error;
  }
  progress.clear();
  await writer.write(formatter.end);
  await writer.close();
  console.error(total === 0 ? nothingFound(options.paths) : progress.summary());
  if (interrupted.aborted) return interruptedStatus;
  return progress.failed > 0 ? someFailedStatus : 0;
}

function nothingFound(paths: readonly string[]): string {
  return `There are no images in ${paths.join(', ')}. In folders, names must end as those of images do, such as .jpg; name any other file itself.`;
}

async function* withoutDone(
  names: AsyncIterable<string> | Iterable<string>,
  { done }: Written,
): AsyncGenerator<string> {
  for await (const name of names) if (!done.has(name)) yield name;
}

function countLeft(
  total: number,
  names: AsyncIterable<string> | Iterable<string>,
  { done }: Written,
): number {
  if (done.size === 0 || !(Symbol.iterator in names)) return total;
  return [...names].filter((name) => !done.has(name)).length;
}

/** Ctrl-C once finishes what is under way; twice ends at once. The output is whole both times. */
function stopOnInterrupt(progress: Progress, closeOutput: () => void): AbortSignal {
  const stopping = new AbortController();
  process.on('SIGINT', () => {
    if (stopping.signal.aborted) {
      closeOutput();
      process.exit(interruptedStatus);
    }
    progress.clear();
    console.error('Finishing what is under way. Press Ctrl-C again to end at once.');
    stopping.abort();
    // Names may never come to an end there.
    process.stdin.destroy();
  });
  return stopping.signal;
}

/** Each brings what it needs: the model's runtime is not loaded to ask a server. */
async function open(options: Options, early: EarlyWorkers): Promise<Engine> {
  if (options.server === undefined)
    return (await import('./in-process.ts')).openInProcess(options, process.env, early.take);
  return (await import('./remote.ts')).openRemote(options, options.server);
}
