import { Problem } from '../../functions/shared/errors.ts';
import { limits } from '../../functions/shared/limits.ts';

export interface AdmissionOptions {
  /** How many requests may wait for their labels at once. */
  readonly most: number;
  /** Images that are queued or worked on. */
  readonly backlog: () => number;
  /** How many of them are worked on at once. */
  readonly capacity: number;
  /** Milliseconds that only grow. */
  readonly clock?: () => number;
}

/** How much the newest time between two images counts for the mean. */
const weight = 0.05;
/** Of the time a request would wait, this part must be enough: the estimate is one. */
const caution = 0.75;
const longestRetrySeconds = 60;

/**
 * Lets in as many requests that wait for their labels as get them in time. What comes beyond that is refused at once: a longer queue
 * would only have everybody wait longer, and give up before the answer comes.
 */
export class Admission {
  readonly #options: Required<AdmissionOptions>;
  #waiting = 0;
  #lastFinish: number | undefined;
  #millisecondsPerImage: number | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = { clock: () => performance.now(), ...options };
  }

  /**
   * Takes in one request that would wait for `seconds`; call what it returns when that is answered.
   * @throws {Problem} `busy`, with the seconds after which what waits now is done.
   */
  enter(seconds: number): () => void {
    const expected = this.#expectedSeconds();
    const patience = Math.max(seconds, limits.defaultWaitSeconds) * caution;
    if (this.#waiting >= this.#options.most || expected > patience) throw busy(expected);
    this.#waiting++;
    return () => {
      this.#waiting--;
    };
  }

  /** An image is done with. The time since the last one says how fast things go, if there was always another one to do. */
  finished(): void {
    const now = this.#options.clock();
    const isSaturated = this.#options.backlog() > this.#options.capacity;
    if (this.#lastFinish !== undefined) {
      const latest = now - this.#lastFinish;
      this.#millisecondsPerImage = mean(this.#millisecondsPerImage, latest);
    }
    this.#lastFinish = isSaturated ? now : undefined;
  }

  #expectedSeconds(): number {
    return (this.#options.backlog() * (this.#millisecondsPerImage ?? 0)) / 1000;
  }
}

function mean(known: number | undefined, latest: number): number {
  return known === undefined ? latest : known + weight * (latest - known);
}

function busy(expectedSeconds: number): Problem {
  const seconds = Math.min(longestRetrySeconds, Math.max(1, Math.ceil(expectedSeconds)));
  const detail = `Too many requests wait for their labels. Try again in ${seconds} s, or send "Prefer: respond-async".`;
  return new Problem('busy', detail, { headers: { 'Retry-After': String(seconds) } });
}
