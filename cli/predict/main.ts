import { once } from 'node:events';
import { findFiles } from './files.ts';
import { inOrder } from './in-order.ts';
import { type Options, readOptions, UsageError } from './options.ts';
import { createFormatter } from './output.ts';
import { createProgress } from './progress.ts';
import type { Engine } from './result.ts';

// Whoever reads may stop before the end, as `head` does.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** `npm run predict -- photos/*.jpg`: labels files and folders, by a running service or in this process. */
try {
  const options = readOptions(process.argv.slice(2), process.env);
  const files = await findFiles(options.paths);
  const failures = await run(options, files);
  process.exitCode = failures > 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** Resolves to the number of files without labels. */
async function run(options: Options, files: readonly string[]): Promise<number> {
  await using engine = await open(options);
  const formatter = createFormatter(options, files);
  const progress = createProgress(process.stderr, files.length);
  let [done, failures] = [0, 0];
  await write(formatter.start);
  for await (const result of inOrder(files, engine.concurrency, engine.classify)) {
    progress.clear();
    await write(formatter.result(result, done === 0));
    if (result.error !== undefined) {
      failures++;
      if (options.format === 'csv') console.error(`${result.file}: ${result.error.detail}`);
    }
    progress.show(++done);
  }
  progress.clear();
  await write(formatter.end);
  return failures;
}

/** Each brings what it needs: the model's runtime is not loaded to ask a server. */
async function open(options: Options): Promise<Engine> {
  if (options.inProcess) return (await import('./in-process.ts')).openInProcess(options, process.env);
  return (await import('./remote.ts')).openRemote(options);
}

/** A slow reader at the other end of a pipe is waited for. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
