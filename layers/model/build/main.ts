/**
 * `node layers/model/build/main.ts [--out DIR]`: builds the model and prints the folder it stands in. `MODEL` names one or several of your own,
 * `MODEL_WEIGHTS` and `MODEL_LABELS` local files in place of the published ones; `--out` copies what was built to DIR, for a Lambda's bundle.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { modelFromEnvironment } from './environment.ts';
import { progressBar } from './progress.ts';
import { buildModels, copyModels } from './several.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const { dir } = await buildModels({
    ...modelFromEnvironment(process.env),
    cacheDir: join(import.meta.dirname, '../../../.cache/model'),
    onProgress: progressBar(process.stderr),
  });
  if (values.out) await copyModels(dir, values.out);
  console.log(values.out ?? dir);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
