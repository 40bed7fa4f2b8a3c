import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { monitor } from '../../../local/workers/monitor.ts';
import { type ReadUsage, readProc, readPs } from '../../../local/workers/process-usage.ts';

let child: ChildProcess;
beforeEach(() => {
  child = spawn(process.execPath, ['-e', 'while (true);']);
});
afterEach(() => void child.kill('SIGKILL'));

const readers: [string, ReadUsage][] = [
  ...(process.platform === 'linux' ? [['/proc', readProc] satisfies [string, ReadUsage]] : []),
  ...(process.platform === 'win32' ? [] : [['ps', readPs] satisfies [string, ReadUsage]]),
];

describe.each(readers)('a process as %s shows it', (_, read) => {
  test('has used the processor for as long as it ran, and no longer where it is stopped', async () => {
    await expect
      .poll(async () => (await read(child.pid ?? 0))?.processorSeconds, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(1);
    expect(await read(child.pid ?? 0)).toMatchObject({ isStopped: false });
    child.kill('SIGSTOP');
    await expect.poll(() => read(child.pid ?? 0)).toMatchObject({ isStopped: true });
    const before = await read(child.pid ?? 0);
    await sleep(1200);
    expect(await read(child.pid ?? 0)).toEqual(before);
  });

  test('is unknown where there is none', async () => {
    expect(await read(2 ** 22 + 1)).toBeUndefined();
  });
});

describe('the watch over a process', () => {
  /** What is told of a process whose usage and work are the test's to say, after a second. */
  async function told(
    usage: (call: number) => [processorSeconds: number, isStopped: boolean],
    work = (_: number) => 1,
  ) {
    const told: string[] = [];
    let call = 0;
    const end = monitor({
      pid: 1,
      current: () => work(call),
      processorSeconds: 5,
      onCostly: () => told.push('costly'),
      onStopped: () => told.push('stopped'),
      read: async () => {
        const [processorSeconds, isStopped] = usage(call++);
        return { processorSeconds, isStopped };
      },
    });
    await expect.poll(() => call, { timeout: 10_000 }).toBeGreaterThan(3);
    end();
    return [...new Set(told)];
  }

  test('counts the processor time of one piece of work, not of all before it', async () => {
    expect(await told((call) => [100 + call * 3, false])).toEqual(['costly']);
    expect(await told((call) => [100 + call, false])).toEqual([]);
  });

  test('tells of a process that stays stopped', async () => {
    expect(await told(() => [0, true])).toEqual(['stopped']);
    expect(await told((call) => [0, call === 1])).toEqual([]);
  });
});
