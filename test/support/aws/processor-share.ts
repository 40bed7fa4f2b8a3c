import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exists } from '../../../infra/exists.ts';

/** Lambda gives a whole processor at 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const wholeProcessor = 1769;
/** Microseconds. A short one, as Lambda's own: a long one would let a small function run whole for a while. */
const period = 20_000;

/** A control group (Linux' cgroups; takes root) that has the processor time of a function of so much memory. */
export class ProcessorShare implements AsyncDisposable {
  readonly #folder: string;
  readonly #isUnified: boolean;

  private constructor(folder: string, isUnified: boolean) {
    [this.#folder, this.#isUnified] = [folder, isUnified];
  }

  static async create(): Promise<ProcessorShare> {
    const isUnified = await exists('/sys/fs/cgroup/cgroup.controllers');
    const parent = isUnified ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu';
    const folder = join(parent, `label-on-upload-bench-${process.pid}`);
    await mkdir(folder);
    return new ProcessorShare(folder, isUnified);
  }

  add(pid: number): Promise<void> {
    return writeFile(join(this.#folder, 'cgroup.procs'), String(pid));
  }

  /** Without an amount of memory, all of the machine. */
  async limit(memoryMb?: number): Promise<void> {
    const quota = memoryMb === undefined ? undefined : Math.round((period * memoryMb) / wholeProcessor);
    if (this.#isUnified) return writeFile(join(this.#folder, 'cpu.max'), `${quota ?? 'max'} ${period}`);
    await writeFile(join(this.#folder, 'cpu.cfs_period_us'), String(period));
    await writeFile(join(this.#folder, 'cpu.cfs_quota_us'), String(quota ?? -1));
  }

  /** A group goes away only once its last process is gone, which takes a moment. */
  async [Symbol.asyncDispose](): Promise<void> {
    await sleep(500);
    await rmdir(this.#folder);
  }
}
