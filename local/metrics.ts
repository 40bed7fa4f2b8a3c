import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Telemetry } from '../functions/shared/ports.ts';
import { metrics as names } from '../functions/shared/telemetry.ts';

/** What is looked up when the metrics are read. */
export interface Gauges {
  /** Images that wait or are worked on. */
  readonly queued: () => number;
  /** Seconds that the image at the head of the queue has waited. */
  readonly oldestSeconds: () => number;
  /** Worker processes that can take an image. */
  readonly workers: () => number;
}

const prefix = 'label_on_upload_';
/** In seconds: from a cached page to the longest wait for labels. */
const buckets = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics of one server in Prometheus' text format; names and units follow https://prometheus.io/docs/practices/naming/. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #steps: Histogram<'step'>;
  readonly #outcomes: Counter<'outcome'>;

  constructor({ queued, oldestSeconds, workers }: Gauges) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({
      name: `${prefix}request_seconds`,
      help: 'Time until a request was answered, by method, route and status.',
      labelNames: ['method', 'route', 'status'],
      ...{ buckets, registers },
    });
    this.#steps = new Histogram({
      name: `${prefix}step_seconds`,
      help: 'Time an image took: decode, network, created_to_ended, stored_to_ended.',
      labelNames: ['step'],
      ...{ buckets, registers },
    });
    this.#outcomes = new Counter({
      name: `${prefix}images_total`,
      help: 'Images that were done with, by outcome: succeeded, or the code of the failure.',
      labelNames: ['outcome'],
      registers,
    });
    this.#gauge('queue_messages', 'Images that wait or are worked on.', queued);
    this.#gauge('queue_oldest_seconds', 'How long the next image has waited.', oldestSeconds);
    this.#gauge('workers', 'Worker processes that can take an image.', workers);
  }

  request(method: string, route: string, status: number, milliseconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, milliseconds / 1000);
  }

  /** Telemetry that counts here, and logs as before. */
  counting(telemetry: Telemetry): Telemetry {
    return {
      ...telemetry,
      forJob: (id) => this.counting(telemetry.forJob(id)),
      count: (name, dimensions) => {
        if (name === names.images) this.#outcomes.inc({ outcome: dimensions?.outcome ?? 'unknown' });
        telemetry.count(name, dimensions);
      },
      milliseconds: (name, value) => {
        const step = name.replaceAll(/(?<!^)([A-Z])/g, '_$1').toLowerCase();
        this.#steps.observe({ step }, value / 1000);
        telemetry.milliseconds(name, value);
      },
    };
  }

  async read(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #gauge(name: string, help: string, look: () => number): void {
    new Gauge({
      name: prefix + name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(look());
      },
    });
  }
}
