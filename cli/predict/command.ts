import { flushCompileCache } from 'node:module';
import { UsageError } from '../../functions/shared/usage-error.ts';
import { readOptions, usage } from './options.ts';
import { run } from './run.ts';
import { reasonOf } from './writer.ts';

// Whoever reads may stop before the end, as `head` does.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0);
  console.error(`Standard output cannot be written: ${reasonOf(error)}`);
  process.exit(1);
});
// Whoever reads what is said beside the results may stop too: the results go on.
process.stderr.on('error', () => {});

/** `npm run predict -- photos/`: labels files and folders, here or by a running service. */
try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === undefined) console.log(usage);
  else process.exitCode = await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
flushCompileCache();
