import { availableParallelism } from 'node:os';
import type { ModelFacts } from '../../layers/model/description.ts';

/** A worker opens the network twice, for one thread and for two. */
const networksPerWorker = 2;
/** What is left to everything else. */
const shareOfMemory = 0.7;

interface Times {
  readonly workerTimeoutSeconds: number;
  readonly visibilitySeconds: number;
}

/** How many workers this machine has room for: one for each core, or fewer where the model is large. */
export function workersFor(
  { needs }: Pick<ModelFacts, 'needs'>,
  cores = availableParallelism(),
  memoryBytes = process.availableMemory(),
): number {
  if (needs === undefined) return cores;
  const each = needs.memoryMb * networksPerWorker * 2 ** 20;
  return Math.max(1, Math.min(cores, Math.floor((memoryBytes * shareOfMemory) / each)));
}

/** Settings under which a worker has time for the model, however slow it is: ten times what one picture took when it was tried. */
export function withTimeFor<Settings extends Times>(
  { needs }: Pick<ModelFacts, 'needs'>,
  settings: Settings,
): Settings {
  const needed = Math.ceil(((needs?.runMilliseconds ?? 0) * 10) / 1000);
  const more = Math.max(0, needed - settings.workerTimeoutSeconds);
  return {
    ...settings,
    workerTimeoutSeconds: settings.workerTimeoutSeconds + more,
    visibilitySeconds: settings.visibilitySeconds + more,
  };
}
