import { resolve } from 'node:path';
import { command } from '../../functions/shared/command.ts';
import { describeModel } from '../../layers/model/build/describe.ts';
import { modelFromEnvironment } from '../../layers/model/build/environment.ts';
import { type BuiltModel, buildModel } from '../../layers/model/build/index.ts';
import { valueFor } from '../../layers/model/build/named.ts';
import { folders } from '../../local/folders.ts';
import { workersFor } from '../../local/workers/count.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Builds the model that a path names, as `npm start` does with `MODEL`. */
export function buildNamed(path: string, environment: Environment): Promise<BuiltModel> {
  const { files, outputs, labels } = modelFromEnvironment({ ...environment, MODEL: undefined });
  return buildModel({
    model: resolve(path),
    modelFile: valueFor(undefined, files),
    modelOutput: valueFor(undefined, outputs),
    labels: valueFor(undefined, labels),
    cacheDir: resolve(environment.MODEL_CACHE || folders.model),
  });
}

/**
 * What a model is and needs, in words.
 * @throws {ModelError} whose message says what is wrong with it, and what to do.
 */
export async function checkModel(path: string, environment: Environment): Promise<string> {
  const model = await buildNamed(path, environment);
  const { needs } = model;
  const lines = [describeModel(model)];
  if (needs !== undefined) {
    const [load, run] = [needs.loadMilliseconds, needs.runMilliseconds].map((time) => time.toFixed(0));
    lines.push(
      `Needs: ${needs.memoryMb} MB for a process, ${load} ms to load, ${run} ms for a picture on one thread.`,
    );
    lines.push(`Here: ${workersFor([model])} workers.`);
  }
  return [...lines, `Serve it: ${command('serve', `--model ${path}`)}`].join('\n');
}
