import { classifyHandler } from '../../../functions/classify/handler.ts';
import { deadLetterHandler } from '../../../functions/dead-letter/handler.ts';
import { after, applyTransition, type Job, newJob, type Transition } from '../../../functions/shared/job.ts';
import { limits } from '../../../functions/shared/limits.ts';
import { imageKeyOf, objectCreatedMessage, storedObjects } from '../../../functions/shared/object-event.ts';
import { processingSeconds, readEnvironment, serviceSettings } from '../../../functions/shared/settings.ts';
import { seededRandom } from '../../../infra/scaling/random.ts';
import { ImageError } from '../../../layers/model/run/errors.ts';
import { anOutcome } from '../jobs.ts';
import { silentTelemetry } from '../telemetry.ts';
import { VirtualClock } from './clock.ts';
import { type Invocation, simulateEventSource } from './event-source.ts';
import { SimulatedQueue } from './queue.ts';

/** What classifying an image comes to: its labels after some milliseconds, or a fault. */
export type Picture = number | 'damaged' | 'crash' | 'hang' | 'error';

export type Part = 'images' | 'jobs' | 'queue';

/** A time in which parts of the service fail, in milliseconds from the start. Each call fails after `callMilliseconds`. */
export interface Outage {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly Part[];
  readonly callMilliseconds?: number;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly onAdvance: (now: number) => void;
  readonly maxConcurrency?: number;
  readonly outages?: readonly Outage[];
  /** Decides whether one call fails outside of outages. */
  readonly failsNow?: (part: Part, random: () => number) => boolean;
}

/** What is known of one image: times in milliseconds from the start. */
export interface Story {
  readonly picture: Picture;
  readonly sentAt: number;
  /** When each try to classify it began. */
  readonly tries: number[];
  endedAt?: number;
  job: Job;
}

/** How long calls take where nothing is wrong, in milliseconds. */
const latency = { images: 30, jobs: 8, queue: 5 } as const satisfies Record<Part, number>;
/** A batch as `infra/settings.ts` sets it, and the classify function's time. */
const [batchSize, functionSeconds] = [5, 30];
const start = Date.parse('2026-01-01T00:00:00Z');

/**
 * The classify and the dead-letter function as they are, on a queue, a table and a storage in virtual time, with the settings
 * that a stack in AWS has. The same seed gives the same run.
 */
export class Simulation {
  readonly clock: VirtualClock;
  readonly stories = new Map<string, Story>();
  readonly settings = readEnvironment(serviceSettings, {});
  readonly queue: SimulatedQueue;
  readonly deadLetters: SimulatedQueue;
  readonly random: () => number;
  /** Jobs whose message came to the dead-letter queue. */
  readonly deadLettered: string[] = [];
  readonly #options: SimulationOptions;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.clock = new VirtualClock(start, options.onAdvance);
    const { visibilitySeconds } = this.settings;
    const { random, clock } = this;
    this.deadLetters = new SimulatedQueue(clock, { visibilitySeconds, random });
    const deadLetter = { queue: this.deadLetters, maxReceives: limits.maxReceives };
    this.queue = new SimulatedQueue(clock, { visibilitySeconds, deadLetter, random });
    simulateEventSource(clock, this.queue, {
      batchSize,
      functionSeconds,
      maxConcurrency: options.maxConcurrency ?? 50,
      handler: (invocation) => classifyHandler(this.#ports(invocation)),
    });
    simulateEventSource(clock, this.deadLetters, {
      batchSize: 10,
      functionSeconds,
      maxConcurrency: 10,
      handler: (invocation) => async (event, context) => {
        for (const { body } of event.Records) {
          this.deadLettered.push(...storedObjects(body).map(({ jobId }) => jobId));
        }
        return deadLetterHandler(this.#ports(invocation))(event, context);
      },
    });
  }

  /** Milliseconds since the start. */
  get time(): number {
    return this.clock.now - start;
  }

  /** Makes a job and sends its message, `at` so many milliseconds from the start. */
  submit(picture: Picture, at = 0): void {
    this.clock.at(start + at, () => {
      const number = (this.stories.size + 1).toString(16).padStart(12, '0');
      const createdAt = new Date(this.clock.now);
      const job = newJob({
        id: `00000000-0000-4000-8000-${number}`,
        source: 'inline',
        createdAt,
        deadline: after(createdAt, processingSeconds(this.settings)),
        expiresAt: after(createdAt, this.settings.retentionSeconds),
      });
      this.stories.set(job.id, { picture, sentAt: at, tries: [], job });
      void this.queue.send(objectCreatedMessage(imageKeyOf(job), createdAt));
    });
  }

  /** Runs until the queues are empty. */
  async run(): Promise<Story[]> {
    await this.clock.run();
    return [...this.stories.values()];
  }

  #ports(invocation: Invocation) {
    const call = async (part: Part) => {
      const { outages = [], failsNow = () => false } = this.#options;
      const outage = outages.find(
        ({ from, to, parts }) => parts.includes(part) && this.time >= from && this.time < to,
      );
      await invocation.sleep(outage?.callMilliseconds ?? latency[part]);
      if (outage !== undefined || failsNow(part, this.random)) throw new Error(`${part}: unreachable`);
    };
    return {
      jobs: {
        read: async (id: string) => {
          await call('jobs');
          return this.stories.get(id)?.job;
        },
        transition: async (id: string, transition: Transition) => {
          await call('jobs');
          return this.#transition(id, transition);
        },
      },
      images: {
        get: async (key: string) => {
          await call('images');
          return { bytes: Buffer.from(key) };
        },
        delete: () => call('images'),
      },
      queue: {
        changeVisibility: async (receipt: string, seconds: number) => {
          await call('queue');
          await this.queue.changeVisibility(receipt, seconds);
        },
      },
      classifier: {
        model: anOutcome().model,
        classify: async ({ bytes }: { bytes: Uint8Array }) => this.#classify(Buffer.from(bytes), invocation),
        close: async () => {},
      },
      telemetry: silentTelemetry,
      settings: this.settings,
    };
  }

  #transition(id: string, transition: Transition) {
    const story = this.stories.get(id);
    if (story === undefined) return { applied: false, job: undefined };
    const job = applyTransition(story.job, transition);
    if (job === undefined) return { applied: false, job: story.job };
    story.job = job;
    if (job.finishedAt !== undefined) story.endedAt = this.time;
    return { applied: true, job };
  }

  async #classify(key: Buffer, invocation: Invocation) {
    const id = key.toString().split('/')[1] ?? '';
    const story = this.stories.get(id);
    if (story === undefined) throw new Error(`There is no image ${id}.`);
    story.tries.push(this.time);
    if (typeof story.picture === 'number') await invocation.sleep(story.picture);
    else await suffer(story.picture, invocation);
    return {
      image: { ...anOutcome().image, format: 'jpeg' as const },
      predictions: [],
      model: { name: 'm', sha256: 'cd' },
      timings: anOutcome().timings,
    };
  }
}

async function suffer(fault: Exclude<Picture, number>, invocation: Invocation): Promise<void> {
  await invocation.sleep(20);
  if (fault === 'damaged') throw new ImageError('corrupt_image', 'The image is damaged.');
  if (fault === 'error') throw new Error('out of memory');
  if (fault === 'crash') invocation.crash();
  await new Promise(() => {});
}
