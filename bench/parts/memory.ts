import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel, keepAlive, predict } from '../harness/client.ts';
import type { Contender } from '../harness/contenders.ts';
import type { ReferencePhoto } from '../harness/photos.ts';
import { memoryOf } from '../harness/process-tree.ts';
import { startContender } from '../harness/server.ts';

export interface MemoryOptions {
  readonly photos: readonly ReferencePhoto[];
  readonly probe: ReferencePhoto;
  /** After which numbers of images to look. */
  readonly marks: readonly number[];
}

/** The memory of all of a contender's processes after so many images, eight at a time, and a second of rest. */
export async function runMemory(contender: Contender, { photos, probe, marks }: MemoryOptions) {
  await using server = await startContender(contender, probe);
  const agent = keepAlive(8);
  const seen: { images: number; megabytes: number }[] = [];
  let done = 0;
  for (const mark of marks) {
    const rest = Array.from(
      { length: mark - done },
      (_, index) => photos[(done + index) % photos.length] ?? probe,
    );
    await inParallel(rest, 8, async (photo) => {
      await predict(server.url, photo, agent);
    });
    done = mark;
    await sleep(1000);
    seen.push({ images: mark, megabytes: await memoryOf(server.pid) });
  }
  agent.destroy();
  return seen;
}
