import { availableParallelism } from 'node:os';
import type { ModelFacts } from '../../layers/model/description.ts';
import { needsOf } from '../../layers/model/needs.ts';

/** A worker opens the network twice, for one thread and for two. */
const networksPerWorker = 2;
/** What is left to everything else. */
const shareOfMemory = 0.7;

interface Times {
  readonly workerTimeoutSeconds: number;
  readonly workerProcessorSeconds: number;
  readonly visibilitySeconds: number;
}

/** The models that each worker loads. Those without measured needs are small. */
type Models = readonly Pick<ModelFacts, 'needs'>[];

/** How many workers this machine has room for: one for each core, or fewer where the models are large. */
export function workersFor(
  models: Models,
  cores = availableParallelism(),
  memoryBytes = process.availableMemory(),
): number {
  const needs = needsOf(models);
  if (needs === undefined) return cores;
  const each = needs.memoryMb * networksPerWorker * 2 ** 20;
  return Math.max(1, Math.min(cores, Math.floor((memoryBytes * shareOfMemory) / each)));
}

/**
 * Settings under which a worker has time for all models, however slow they are: ten times what one picture took when each was tried. A
 * network that is loaded for the first image that needs it takes processor time besides.
 */
export function withTimeFor<Settings extends Times>(models: Models, settings: Settings): Settings {
  const { runMilliseconds = 0, loadMilliseconds = 0 } = needsOf(models) ?? {};
  const running = (runMilliseconds * 10) / 1000;
  const loading = loadMilliseconds / 1000;
  const more = Math.max(0, Math.ceil(running) - settings.workerTimeoutSeconds);
  return {
    ...settings,
    workerTimeoutSeconds: settings.workerTimeoutSeconds + more,
    workerProcessorSeconds: settings.workerProcessorSeconds + Math.floor(running + loading),
    visibilitySeconds: settings.visibilitySeconds + more,
  };
}
