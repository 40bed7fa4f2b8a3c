import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What a process has used, as the operating system counts it. */
export interface ProcessUsage {
  /** Of all its threads, in user and system mode. */
  readonly processorSeconds: number;
  /** Whether it was stopped by a signal, SIGSTOP for example. */
  readonly isStopped: boolean;
}

/** Reads a process's usage; `undefined` where the system cannot say, or there is no such process. */
export type ReadUsage = (pid: number) => Promise<ProcessUsage | undefined>;

/** What Linux counts times in: `sysconf(_SC_CLK_TCK)`, 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export async function readProc(pid: number): Promise<ProcessUsage | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // The second field is the command's name in parentheses, which may hold anything; the state follows it.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  if (state === undefined) return undefined;
  const [user = 0, system = 0] = fields.slice(10, 12).map(Number);
  return { processorSeconds: (user + system) / ticksPerSecond, isStopped: /^[Tt]/.test(state) };
}

/** macOS and the BSDs. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ps.html */
export async function readPs(pid: number): Promise<ProcessUsage | undefined> {
  const asked = promisify(execFile)('ps', ['-o', 'state=,time=', '-p', String(pid)]);
  const [state, time] = await asked.then(
    ({ stdout }) => stdout.trim().split(/\s+/),
    () => [],
  );
  if (state === undefined || time === undefined) return undefined;
  return { processorSeconds: seconds(time), isStopped: /^[Tt]/.test(state) };
}

/** Windows tells neither without a program of its own: there only the time by the clock ends a worker. */
export const readUsage: ReadUsage =
  process.platform === 'linux' ? readProc : process.platform === 'win32' ? async () => undefined : readPs;

/** `[[dd-]hh:]mm:ss[.cc]` */
function seconds(time: string): number {
  const [days, rest] = time.includes('-') ? time.split('-') : ['0', time];
  const ofDay = (rest ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number(days) * 86_400 + ofDay;
}
