import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** The kernel counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/** A process and all that descend from it, parents first. */
export async function processTree(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number((await statOf(Number(entry)))[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** The fields of `/proc/PID/stat` after the command's name, which may hold anything, in brackets. None of a process that has ended. */
async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Those of a tree whose command line matches. */
export async function findProcesses(root: number, pattern: RegExp): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await processTree(root)) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (pattern.test(line.replaceAll('\0', ' '))) found.push(pid);
  }
  return found;
}

/** Proportional set size of a whole tree in MB (10⁶ bytes): what several processes share counts once. */
export async function memoryOf(root: number): Promise<number> {
  let bytes = 0;
  for (const pid of await processTree(root)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    bytes += Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
  }
  return bytes / 1e6;
}

/** Seconds of processor time that a process and all that descend from it have used. */
export async function processorSeconds(root: number): Promise<number> {
  let ticks = 0;
  for (const pid of await processTree(root)) {
    // utime, stime, and both of the children that have ended, wrk among ours.
    for (const field of (await statOf(pid)).slice(11, 15)) ticks += Number(field);
  }
  return ticks / ticksPerSecond;
}

/** Seconds that the machine has worked for others than us, our servers and wrk: what falsifies a benchmark. */
async function foreignSeconds(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softIrq) / ticksPerSecond - (await processorSeconds(process.pid));
}

/** Runs `work`, and says how much of one core others took meanwhile. */
export async function watchOthers<T>(work: () => Promise<T>): Promise<{ result: T; others: number }> {
  const [started, before] = [performance.now(), await foreignSeconds()];
  const result = await work();
  const used = (await foreignSeconds()) - before;
  return { result, others: Math.max(0, (1000 * used) / (performance.now() - started)) };
}

/** Waits until others take less than a tenth of a core, for 20 s at most. */
export async function waitForCalm(): Promise<void> {
  for (let waited = 0; waited < 40; waited++) {
    if ((await watchOthers(() => sleep(500))).others < 0.1) return;
  }
}
