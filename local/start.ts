import { flushCompileCache } from 'node:module';
import { describeModel } from '../layers/model/build/describe.ts';
import { modelChoices } from '../layers/model/build/environment.ts';
import { progressBar } from '../layers/model/build/progress.ts';
import { buildModels } from '../layers/model/build/several.ts';
import { explain } from './explain.ts';
import { configureLog, log, say } from './log.ts';
import { onceOrphaned } from './orphan.ts';
import { startServer } from './server.ts';
import { isLoopback, misspeltSettings, readSettings, usage } from './settings.ts';
import { withTimeFor } from './workers/count.ts';

/** `npm start`, `label-on-upload serve`: the whole service on this machine. */
if (process.argv.includes('--help')) {
  console.log(usage());
  process.exit(0);
}
// Whoever reads what is printed may stop, as `head` does: the service goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
try {
  const settings = readSettings(process.argv.slice(2), process.env);
  configureLog(settings);
  for (const words of misspeltSettings(process.env)) log.warn(words);
  const { dir, models } = await buildModels({
    ...modelChoices(settings),
    cacheDir: settings.modelCache,
    onProgress: progressBar(process.stderr),
  });
  if (settings.model.length > 0) say(models.map(describeModel).join('\n'));
  const server = await startServer(withTimeFor(models, settings), dir);
  if (!isLoopback(settings.host) && settings.apiKey === undefined) {
    const others = `HOST=${settings.host} lets other machines use this server, and there is no API_KEY.`;
    log.warn(`${others} Set one, or leave HOST out.`);
  }
  say(`Ready: ${server.url}`);
  flushCompileCache();
  endOnSignal(server.close);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

/** Signals that arrive together are one: what started this process may hand on what its whole group was sent. */
const togetherMilliseconds = 300;

/** Ctrl-C once finishes what is under way, twice ends at once. */
function endOnSignal(close: () => Promise<void>): void {
  let first: number | undefined;
  const end = async (signal: NodeJS.Signals) => {
    if (first !== undefined && performance.now() < first + togetherMilliseconds) return;
    if (first !== undefined) process.exit(1);
    first = performance.now();
    say(`${signal}: finishing what is under way. Once more ends at once.`);
    await close();
    process.exit(0);
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  const { npm_lifecycle_event: ofNpm, RUN_BY_OLDER_NODE: ofOlderNode } = process.env;
  if (ofNpm !== undefined || ofOlderNode !== undefined) onceOrphaned(() => void end('SIGTERM'));
}
