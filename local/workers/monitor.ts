import { type ReadUsage, readUsage } from './process-usage.ts';

export interface MonitorOptions {
  readonly pid: number;
  /** What the process works on; `undefined` where it has nothing to do. */
  readonly current: () => number | undefined;
  /** Processor time that one piece of work may take. */
  readonly processorSeconds: number;
  readonly onCostly: () => void;
  readonly onStopped: () => void;
  readonly read?: ReadUsage;
}

const intervalMilliseconds = 250;

/**
 * Watches a process from outside, since its own thread may be held by native code or by a signal: tells when one piece of work has taken
 * too much processor time, and when the process is stopped. Time in which others have the processor does not count. Returns what
 * ends the watch.
 */
export function monitor(options: MonitorOptions): () => void {
  const { pid, current, processorSeconds, onCostly, onStopped, read = readUsage } = options;
  let work: number | undefined;
  let [began, stopped, reading] = [0, 0, false];
  const look = async () => {
    const now = current();
    if (now === undefined || reading) return;
    reading = true;
    const usage = await read(pid).finally(() => {
      reading = false;
    });
    if (usage === undefined || current() !== now) return;
    if (now !== work) [work, began] = [now, usage.processorSeconds];
    stopped = usage.isStopped ? stopped + 1 : 0;
    // Twice, for a process that is stopped and goes on, as by Ctrl-Z and fg, deserves a moment.
    if (stopped > 1) onStopped();
    else if (usage.processorSeconds - began >= processorSeconds) onCostly();
  };
  const timer = setInterval(look, intervalMilliseconds).unref();
  return () => clearInterval(timer);
}
