import { keepAlive, predict } from '../harness/client.ts';
import type { Contender } from '../harness/contenders.ts';
import type { Photo, PreparedBodies, ReferencePhoto } from '../harness/photos.ts';
import { memoryOf } from '../harness/process-tree.ts';
import { watchOthers } from '../harness/processor.ts';
import { startContender } from '../harness/server.ts';
import { median } from '../harness/statistics.ts';
import { type Load, load } from '../harness/wrk.ts';

/** Everything a round works with. */
export interface RoundOptions {
  readonly photos: readonly ReferencePhoto[];
  readonly bodies: PreparedBodies;
  /** The photo whose answer ends a start: one that everybody is sure of. */
  readonly probe: ReferencePhoto;
  /** Of 12 megapixels; left out, not measured. */
  readonly large: Photo | undefined;
  readonly seconds: number;
}

/** One contender's figures of one round, from a fresh process. Milliseconds and MB. */
export interface Round {
  readonly start: number;
  /** How many of the photos it gave the reference's best class. */
  readonly agreed: number;
  readonly one: Load;
  readonly eight: Load;
  readonly large?: { readonly p50: number; readonly label: string; readonly score: number };
  readonly memory: number;
  /** What others took of one core while it was under load. */
  readonly others: number;
}

export async function runRound(contender: Contender, options: RoundOptions): Promise<Round> {
  await using server = await startContender(contender, options.probe);
  const agreed = await countAgreement(server.url, options.photos);
  const { bodies, seconds } = options;
  const { result: loads, others } = await watchOthers(async () => ({
    one: await load(server.url, { connections: 1, seconds, bodies }),
    eight: await load(server.url, { connections: 8, seconds, bodies }),
  }));
  const large = options.large && (await measureLarge(server.url, options.large));
  const memory = await memoryOf(server.pid);
  return { start: server.startMilliseconds, agreed, ...loads, ...(large && { large }), memory, others };
}

/** Also the warm-up: every photo once. @throws {Error} where the answers are not those of this network. */
async function countAgreement(url: string, photos: readonly ReferencePhoto[]): Promise<number> {
  const agent = keepAlive(1);
  let agreed = 0;
  for (const photo of photos) {
    const [best] = await predict(url, photo, agent);
    if (best?.label === photo.label) agreed++;
  }
  agent.destroy();
  if (agreed < 0.9 * photos.length) throw new Error(`Only ${agreed} of ${photos.length} answers were right.`);
  return agreed;
}

const largeTimes = 15;

async function measureLarge(url: string, photo: Photo) {
  const agent = keepAlive(1);
  const times: number[] = [];
  let [best] = await predict(url, photo, agent);
  for (let index = 0; index < largeTimes; index++) {
    const started = performance.now();
    [best] = await predict(url, photo, agent);
    times.push(performance.now() - started);
  }
  agent.destroy();
  if (best === undefined) throw new Error('No class for the large photo.');
  return { p50: median(times), ...best };
}
