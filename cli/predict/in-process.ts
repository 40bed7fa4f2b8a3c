import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { modelFromEnvironment } from '../../layers/model/build/environment.ts';
import { progressBar } from '../../layers/model/build/progress.ts';
import { buildModels } from '../../layers/model/build/several.ts';
import { ImageError } from '../../layers/model/run/errors.ts';
import { folders } from '../../local/folders.ts';
import { withTimeFor, workersFor } from '../../local/workers/count.ts';
import { type PoolOptions, WorkerPool } from '../../local/workers/pool.ts';
import { withTries } from '../../local/workers/tries.ts';
import { WorkerGone } from '../../local/workers/worker-process.ts';
import type { Options } from './options.ts';
import { chooseFrom, type Engine, type FileResult } from './result.ts';

/** More than the workers take at once, so that one large image at the head of the line does not hold up the others. */
const imagesInLine = 16;
/** What one image may take, in seconds, by the clock and of processor time, where the models are small. */
const usualTimes = { workerTimeoutSeconds: 20, workerProcessorSeconds: 5, visibilitySeconds: 0 };

/** Classifies on this machine, in as many processes as there are cores. */
export async function openInProcess(
  options: Options,
  environment: Readonly<NodeJS.ProcessEnv>,
  newProcess: () => ChildProcess,
): Promise<Engine> {
  const { workers, largeJpegs, model, top: keptPredictions } = options;
  const settings = { workers, largeJpegs, model, keptPredictions, newProcess };
  const { pool, models } = await openModels(settings, environment);
  return {
    concurrency: imagesInLine * pool.capacity,
    models,
    classify: (file) => classify(file, pool, options, models),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

type PoolSettings = Partial<Pick<Options, 'workers' | 'model'>> &
  Partial<Pick<PoolOptions, 'largeJpegs' | 'keptPredictions' | 'newProcess'>>;
type Environment = Readonly<NodeJS.ProcessEnv>;

/** Builds the models where that is needed, and starts the workers; they ask the default model unless told otherwise. */
export async function openPool(settings: PoolSettings, environment: Environment): Promise<WorkerPool> {
  return (await openModels(settings, environment)).pool;
}

/** The same, with what the models are called by where they are several. */
async function openModels(
  { workers, model: asked, ...wishes }: PoolSettings,
  environment: Environment,
): Promise<{ readonly pool: WorkerPool; readonly models: readonly string[] | undefined }> {
  const {
    dir: modelDir,
    model,
    models,
  } = await buildModels({
    ...modelFromEnvironment({ ...environment, MODEL: asked ?? environment.MODEL }),
    cacheDir: resolve(environment.MODEL_CACHE || folders.model),
    onProgress: progressBar(process.stderr),
  });
  const size = workers ?? workersFor(models);
  const times = withTimeFor(models, usualTimes);
  const pool = new WorkerPool({
    ...{ model, modelDir, size },
    ...{ timeoutSeconds: times.workerTimeoutSeconds, processorSeconds: times.workerProcessorSeconds },
    ...wishes,
    oneThread: true,
  });
  await pool.start();
  const names = models.map(({ calledBy }) => calledBy);
  return { pool, models: names.length > 1 ? names : undefined };
}

async function classify(
  file: string,
  pool: WorkerPool,
  options: Options,
  models: readonly string[] | undefined,
): Promise<FileResult> {
  try {
    const seen = await withTries(() => pool.classify({ path: resolve(file) }, models));
    return { file, ...chooseFrom(seen, options) };
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
