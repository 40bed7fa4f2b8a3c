import type { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Telemetry } from '../../functions/shared/ports.ts';

/** Where CloudWatch keeps the metrics. */
export const metricNamespace = 'LabelOnUpload';

/** The dimensions of every metric: the function's name, and the stack's, so that two stacks of an account are told apart. */
export function metricDimensions(service: string, stack: string) {
  return { service, stack } as const;
}

export function createMetrics(serviceName: string, stackName = 'none'): Metrics {
  const { stack } = metricDimensions(serviceName, stackName);
  return new Metrics({ serviceName, namespace: metricNamespace, defaultDimensions: { stack } });
}

/**
 * Logs as JSON lines, metrics in the embedded metric format, which needs no call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class PowertoolsTelemetry implements Telemetry {
  readonly #logger: Logger;
  readonly #metrics: Metrics;

  constructor(logger: Logger, metrics: Metrics) {
    this.#logger = logger;
    this.#metrics = metrics;
  }

  forJob(jobId: string): Telemetry {
    return new PowertoolsTelemetry(this.#logger.createChild({ persistentKeys: { jobId } }), this.#metrics);
  }

  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#logger.info(message, { ...fields });
  }

  warn(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#logger.warn(message, { ...fields });
  }

  error(message: string, error: unknown): void {
    this.#logger.error(message, { error: error instanceof Error ? error : new Error(String(error)) });
  }

  /** A count with its own dimensions needs its own log line: on a shared line they would apply to every metric. */
  count(name: string, dimensions?: Readonly<Record<string, string>>): void {
    const metrics = dimensions
      ? this.#metrics.singleMetric().addDimensions({ ...dimensions })
      : this.#metrics;
    metrics.addMetric(name, MetricUnit.Count, 1);
  }

  milliseconds(name: string, value: number): void {
    this.#metrics.addMetric(name, MetricUnit.Milliseconds, value);
  }
}
