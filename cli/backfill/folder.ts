import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Telemetry } from '../../functions/shared/ports.ts';
import { UsageError } from '../../functions/shared/usage-error.ts';
import { findPictures } from '../../local/watch/pictures.ts';
import { labelFolder } from '../../local/watch/watcher.ts';
import { openPool } from '../predict/in-process.ts';
import { Progress } from '../predict/progress.ts';
import type { Terminal } from './bucket.ts';

/** Labels what is in a folder and has no labels yet, on this machine. Resolves to the exit status. */
export async function backfillFolder(
  source: string,
  labels: string,
  { say, stderr, signal }: Terminal,
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<number> {
  const folder = resolve(source);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`${source} is not a folder.`);
  const pool = await openPool({}, environment);
  const progress = new Progress(stderr, (await Array.fromAsync(findPictures(folder))).length);
  let unchanged = 0;
  await labelFolder({
    folder,
    labels: resolve(labels),
    classifier: pool,
    concurrency: pool.capacity,
    telemetry: errorsOnly(say),
    signal,
    onOutcome: (outcome) => {
      if (outcome === 'unchanged') unchanged++;
      progress.add(outcome === 'failed' || outcome === 'later');
    },
  });
  await pool.close();
  progress.clear();
  say(`${progress.summary()}${unchanged > 0 ? ` ${unchanged} had labels already.` : ''}`);
  if (signal.aborted) return 130;
  return progress.failed > 0 ? 1 : 0;
}

function errorsOnly(say: (line: string) => void): Telemetry {
  const telemetry: Telemetry = {
    forJob: () => telemetry,
    info: () => {},
    warn: (message) => say(message),
    error: (message, error) => say(`${message}: ${error instanceof Error ? error.message : error}`),
    count: () => {},
    milliseconds: () => {},
  };
  return telemetry;
}
