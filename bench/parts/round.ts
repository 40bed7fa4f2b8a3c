import { median } from '../../infra/scaling/statistics.ts';
import { inParallel, keepAlive, predict } from '../harness/client.ts';
import { type Contender, launchOf } from '../harness/contenders.ts';
import type { Photo, PreparedBodies, ReferencePhoto } from '../harness/photos.ts';
import { memoryOf, processorSeconds } from '../harness/processes.ts';
import type { Figures } from '../harness/results.ts';
import { type RunningServer, startServer } from '../harness/server.ts';
import type { BenchSettings } from '../harness/settings.ts';
import { load } from '../harness/wrk.ts';

/** Everything that measurements work with. */
export interface Materials {
  readonly settings: BenchSettings;
  readonly photos: readonly ReferencePhoto[];
  readonly bodies: PreparedBodies;
  /** The photo whose answer ends a start: one that everybody is sure of. */
  readonly probe: ReferencePhoto;
  /** Of 12 megapixels. */
  readonly large: Photo;
  /** Of each load. */
  readonly seconds: number;
}

/** One contender's figures of one round, from a fresh process. Milliseconds and MB. */
export async function runRound(contender: Contender, materials: Materials): Promise<Figures> {
  await using server = await startServer(launchOf(contender, materials.settings), materials.probe);
  const agreed = await countAgreement(server.url, materials.photos);
  const loads: Figures[] = [];
  for (const connections of contender.loads) loads.push(await runLoad(server, connections, materials));
  const large = await measureLarge(server.url, materials.large);
  const memory = await memoryOf(server.pid);
  return { start: server.start, agreed, ...Object.assign({}, ...loads), ...large, memory };
}

async function runLoad(
  { url, pid }: RunningServer,
  connections: number,
  materials: Materials,
): Promise<Figures> {
  const before = await processorSeconds(pid);
  const seen = await load(url, { connections, ...materials });
  const used = (await processorSeconds(pid)) - before;
  return {
    [`rate@${connections}`]: seen.perSecond,
    [`p50@${connections}`]: seen.p50,
    [`p99@${connections}`]: seen.p99,
    [`processor@${connections}`]: (1000 * used) / seen.requests,
    [`wrk@${connections}`]: seen.processorSeconds / seen.seconds,
  };
}

/** Also the warm-up: every photo once. @throws {Error} where the answers are not those of this network. */
async function countAgreement(url: string, photos: readonly ReferencePhoto[]): Promise<number> {
  const agent = keepAlive(4);
  let agreed = 0;
  await inParallel(photos, 4, async (photo) => {
    const [best] = await predict(url, photo, agent);
    if (best?.label === photo.label) agreed++;
  });
  agent.destroy();
  if (agreed < 0.9 * photos.length) throw new Error(`Only ${agreed} of ${photos.length} answers were right.`);
  return agreed;
}

async function measureLarge(url: string, photo: Photo): Promise<Figures> {
  const agent = keepAlive(1);
  const times: number[] = [];
  let [best] = await predict(url, photo, agent);
  for (let index = 0; index < 11; index++) {
    const started = performance.now();
    [best] = await predict(url, photo, agent);
    times.push(performance.now() - started);
  }
  agent.destroy();
  return { large: median(times), largeScore: best?.score ?? 0 };
}
