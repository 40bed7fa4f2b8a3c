import type { Agent } from 'node:http';
import { keepAlive, send } from '../harness/client.ts';
import type { Contender } from '../harness/contenders.ts';
import { multipart, multipartType, type ReferencePhoto } from '../harness/photos.ts';
import { watchOthers } from '../harness/processor.ts';
import { startContender } from '../harness/server.ts';
import { median } from '../harness/statistics.ts';

export interface StepsOptions {
  readonly photos: readonly ReferencePhoto[];
  readonly probe: ReferencePhoto;
}

const times = 3;

/**
 * Where our server says that the time of a request went (`Server-Timing`), one request at a time: medians in milliseconds. `total` is
 * what this client saw, and `rest` what no step accounts for: HTTP on both sides, the answer's way back, wake-ups.
 */
export async function runSteps(
  contender: Contender,
  { photos, probe }: StepsOptions,
): Promise<Record<string, number> & { others: number }> {
  await using server = await startContender(contender, probe);
  const agent = keepAlive(1);
  const { result: seen, others } = await watchOthers(() => askAll(server.url, agent, photos));
  agent.destroy();
  const names = Object.keys(seen[0] ?? {});
  const medians = names.map((name) => [name, median(seen.map((steps) => steps[name] ?? 0))] as const);
  return { ...Object.fromEntries(medians), others };
}

async function askAll(url: string, agent: Agent, photos: readonly ReferencePhoto[]) {
  const seen: Record<string, number>[] = [];
  for (let round = 0; round <= times; round++) {
    for (const photo of photos) {
      const request = {
        method: 'POST',
        url: new URL('predict', url),
        type: multipartType,
        body: multipart(photo),
      } as const;
      const started = performance.now();
      const { timing } = await send(agent, request);
      // The first round warms up.
      if (round > 0) seen.push(withRest(parseTiming(timing), performance.now() - started));
    }
  }
  return seen;
}

/** `store;dur=1.2, queue;dur=0.3` as `{store: 1.2, queue: 0.3}`. */
function parseTiming(header: string): Record<string, number> {
  return Object.fromEntries(
    [...header.matchAll(/([\w-]+);dur=([\d.]+)/g)].map(([, name, value]) => [name, Number(value)]),
  );
}

function withRest(steps: Record<string, number>, total: number): Record<string, number> {
  const known = Object.values(steps).reduce((sum, value) => sum + value, 0);
  return { ...steps, rest: total - known, total };
}
