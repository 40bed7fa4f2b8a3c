import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree } from './process-tree.ts';

/** The kernel counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/** Seconds that all processors together have worked since the machine started. */
async function busySeconds(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softIrq) / ticksPerSecond;
}

/** Seconds that a process and all that descend from it have worked. */
async function usedBy(root: number): Promise<number> {
  let ticks = 0;
  for (const pid of await processTree(root)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime, stime, and both of the children that have ended, wrk among ours.
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks / ticksPerSecond;
}

/** Seconds that the machine has worked for others than us and the server: what falsifies a benchmark. */
async function foreignSeconds(): Promise<number> {
  // The server is started by us, and so is wrk.
  return (await busySeconds()) - (await usedBy(process.pid));
}

/** Runs `work`, and says how much of one core others took meanwhile. */
export async function watchOthers<T>(work: () => Promise<T>): Promise<{ result: T; others: number }> {
  const [started, before] = [performance.now(), await foreignSeconds()];
  const result = await work();
  const used = (await foreignSeconds()) - before;
  return { result, others: Math.max(0, (1000 * used) / (performance.now() - started)) };
}

/** Shares of a core: above `calm`, a measurement waits; above `disturbed`, it is done again. */
export const calm = 0.1;
export const disturbed = 0.15;
const waitLimit = 20;

/** Waits until others leave the machine alone, for 20 s at most. */
export async function waitForCalm(): Promise<void> {
  for (let waited = 0; waited < waitLimit; waited++) {
    const { others } = await watchOthers(() => sleep(1000));
    if (others < calm) return;
  }
}
