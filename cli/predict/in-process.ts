import { resolve } from 'node:path';
import { modelFromEnvironment } from '../../layers/model/build/environment.ts';
import { progressBar } from '../../layers/model/build/progress.ts';
import { buildModels } from '../../layers/model/build/several.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import { folders } from '../../local/folders.ts';
import { workersFor } from '../../local/workers/count.ts';
import { WorkerPool } from '../../local/workers/pool.ts';
import { withTries } from '../../local/workers/tries.ts';
import { WorkerGone } from '../../local/workers/worker-process.ts';
import type { Options } from './options.ts';
import { chooseLabels, type Engine, type FileResult } from './result.ts';

/** More than the workers take at once, so that one large image at the head of the line does not hold up the others. */
const imagesInLine = 16;
/** The longest that one image may take, in seconds. */
const timeoutSeconds = 20;

/** Classifies on this machine, in as many processes as there are cores. */
export async function openInProcess(
  options: Options,
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<Engine> {
  const pool = await openPool(options, environment);
  return {
    concurrency: imagesInLine * pool.capacity,
    classify: (file) => classify(file, pool, options),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/** Builds the model where that is needed, and starts the workers. */
export async function openPool(
  { workers, largeJpegs = 'exact' }: Partial<Pick<Options, 'workers' | 'largeJpegs'>>,
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<WorkerPool> {
  const {
    dir: modelDir,
    model,
    models,
  } = await buildModels({
    ...modelFromEnvironment(environment),
    cacheDir: resolve(environment.MODEL_CACHE || folders.model),
    onProgress: progressBar(process.stderr),
  });
  const size = workers ?? workersFor(models);
  const pool = new WorkerPool({
    ...{ model, modelDir, size, timeoutSeconds },
    ...{ oneThread: true, largeJpegs },
  });
  await pool.start();
  return pool;
}

async function classify(file: string, pool: WorkerPool, options: Options): Promise<FileResult> {
  try {
    const { predictions } = await withTries(() => pool.classify({ path: resolve(file) }));
    return { file, labels: chooseLabels(predictions, options) };
  } catch (error) {
    return {
      file,
      error: { code: codeOf(error), detail: error instanceof Error ? error.message : String(error) },
    };
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ImageError) return error.code;
  return error instanceof WorkerGone ? 'gave_up' : 'unreadable';
}
