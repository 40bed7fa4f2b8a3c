import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel, keepAlive, predict } from '../harness/client.ts';
import { contenders, type Launch, launchOf } from '../harness/contenders.ts';
import { memoryOf } from '../harness/processes.ts';
import type { Figures } from '../harness/results.ts';
import { startServer } from '../harness/server.ts';
import { load } from '../harness/wrk.ts';
import type { Materials } from './round.ts';

/** How many cores to measure on: 1, 2, 4, as far as this machine has them. */
export const coreCounts = [1, 2, 4].filter((count) => count <= availableParallelism());

/** Requests a second at eight connections where server, workers and wrk have only so many cores, and as many workers. */
export async function runOnCores(cores: number, materials: Materials): Promise<Figures> {
  const prefix = ['taskset', '--cpu-list', `0-${cores - 1}`];
  const launch = launchOf({ ...contenders.ours, variation: `WORKERS=${cores}` }, materials.settings);
  await using server = await startServer(launch, materials.probe, prefix);
  await load(server.url, { connections: 8, ...materials, seconds: 1, prefix });
  return { [`cores ${cores}`]: (await load(server.url, { connections: 8, ...materials, prefix })).perSecond };
}

/** The memory of all of a server's processes after a fifth and after all of so many images, eight at a time, and a second of rest. */
export async function runMemory(
  launch: Launch,
  { photos, probe }: Materials,
  images: number,
): Promise<Figures> {
  await using server = await startServer(launch, probe);
  const agent = keepAlive(8);
  const memoryAfter = async (count: number) => {
    await inParallel(Array.from({ length: count }).keys(), 8, async (index) => {
      await predict(server.url, photos[index % photos.length] ?? probe, agent);
    });
    await sleep(1000);
    return memoryOf(server.pid);
  };
  const fifth = Math.ceil(images / 5);
  const figures = { 'memory 1/5': await memoryAfter(fifth), 'memory 5/5': await memoryAfter(images - fifth) };
  agent.destroy();
  return figures;
}
