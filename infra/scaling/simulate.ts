/** What comes to the queue, and what works on it. Times in milliseconds. */
export interface Load {
  /** When messages arrive, in order. */
  readonly arrivals: readonly number[];
  readonly batchSize: number;
  /** How many functions the event source mapping may run at once. */
  readonly maxConcurrency: number;
  /** A new function's start. */
  readonly start: number;
  /** A function's work on one image. */
  readonly image: number;
  /** A function that has had nothing to do for so long is gone. */
  readonly kept: number;
}

export interface Capacity {
  /** Of each image, from its message's arrival to its result. The oldest is what CloudWatch shows as the queue's age at most. */
  readonly ages: readonly number[];
  /** Messages that waited for a function, at the worst moment. */
  readonly mostWaiting: number;
  /** Messages that still waited when the last one arrived. */
  readonly waitingAtLast: number;
  readonly mostFunctions: number;
  readonly starts: number;
  readonly invocations: number;
  /** What Lambda bills: starts and work. */
  readonly billed: number;
}

/**
 * How fast the event source mapping of a standard queue adds functions: five at first, then 300 a minute up to 1,250.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export const ramp = { first: 5, perMinute: 300, most: 1250 } as const;

/**
 * Plays a load through queue, batches and functions. The queue is taken to be first in, first out, which SQS nearly is. A free
 * function takes what waits, up to a batch: the mapping has no batching window.
 */
export function simulate(load: Load): Capacity {
  const functions = new Functions(load);
  const { arrivals, batchSize } = load;
  const ages: number[] = [];
  let [arrived, taken, mostWaiting, waitingAtLast] = [0, 0, 0, 0];
  while (taken < arrivals.length) {
    const now = Math.min(arrivals[arrived] ?? Number.POSITIVE_INFINITY, functions.nextFree);
    functions.advance(now);
    while ((arrivals[arrived] ?? Number.POSITIVE_INFINITY) <= now) arrived++;
    while (taken < arrived && functions.mayRun(now)) {
      const batch = arrivals.slice(taken, Math.min(taken + batchSize, arrived));
      const begin = functions.run(now, batch.length);
      ages.push(...batch.map((at, index) => begin + (index + 1) * load.image - at));
      taken += batch.length;
    }
    mostWaiting = Math.max(mostWaiting, arrived - taken);
    if (arrived < arrivals.length) waitingAtLast = arrived - taken;
  }
  const { most: mostFunctions, starts, invocations, billed } = functions;
  return { ages, mostWaiting, waitingAtLast, mostFunctions, starts, invocations, billed };
}

/** The functions of an event source mapping: at work, idle, and what they have cost. */
class Functions {
  readonly #load: Load;
  readonly #began: number;
  /** When each that works will be free. */
  #busy: number[] = [];
  /** Since when each that does nothing has been free, the latest last. */
  readonly #idle: number[] = [];
  most = 0;
  starts = 0;
  invocations = 0;
  billed = 0;

  constructor(load: Load) {
    this.#load = load;
    this.#began = load.arrivals[0] ?? 0;
  }

  get nextFree(): number {
    return this.#busy.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  }

  advance(now: number): void {
    const free = this.#busy.filter((at) => at <= now);
    if (free.length === 0) return;
    this.#busy = this.#busy.filter((at) => at > now);
    this.#idle.push(...free.sort((a, b) => a - b));
  }

  mayRun(now: number): boolean {
    const ramped = ramp.first + Math.floor(((now - this.#began) * ramp.perMinute) / 60_000);
    return this.#busy.length < Math.min(this.#load.maxConcurrency, ramped, ramp.most);
  }

  /** Returns when the work on the first image begins. The function that was free last is taken first, as Lambda does. */
  run(now: number, images: number): number {
    const { start, image, kept } = this.#load;
    const idleSince = this.#idle.pop();
    const isWarm = idleSince !== undefined && now - idleSince < kept;
    const begin = now + (isWarm ? 0 : start);
    const end = begin + images * image;
    this.#busy.push(end);
    this.most = Math.max(this.most, this.#busy.length);
    this.starts += isWarm ? 0 : 1;
    this.invocations++;
    this.billed += end - now;
    return begin;
  }
}
