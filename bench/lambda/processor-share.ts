import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exists } from '../../infra/exists.ts';

/** Lambda gives a whole processor at 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const wholeProcessor = 1769;
/** Microseconds. A short one, as Lambda's own: a long one would let a small function run whole for a while. */
const period = 20_000;

/** A control group that has the processor time of a function of so much memory. Takes root, and Linux' cgroups. */
export interface ProcessorShare extends AsyncDisposable {
  /** Where a process writes its id to join. */
  readonly joinFile: string;
  limit(memoryMb: number): Promise<void>;
  lift(): Promise<void>;
}

export async function createProcessorShare(): Promise<ProcessorShare> {
  const isUnified = await exists('/sys/fs/cgroup/cgroup.controllers');
  const name = `label-on-upload-bench-${process.pid}`;
  const folder = join(isUnified ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu', name);
  await mkdir(folder);
  const set = async (quota: number | undefined) => {
    if (isUnified) return writeFile(join(folder, 'cpu.max'), `${quota ?? 'max'} ${period}`);
    await writeFile(join(folder, 'cpu.cfs_period_us'), String(period));
    return writeFile(join(folder, 'cpu.cfs_quota_us'), String(quota ?? -1));
  };
  return {
    joinFile: join(folder, 'cgroup.procs'),
    limit: (memoryMb) => set(Math.round((period * memoryMb) / wholeProcessor)),
    lift: () => set(undefined),
    [Symbol.asyncDispose]: () => remove(folder),
  };
}

/** A group goes away only once its last process is gone, which takes a moment. */
async function remove(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const isGone = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (isGone) return;
    await sleep(100);
  }
}
