import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { Telemetry } from '../../functions/shared/ports.ts';
import { metrics as names } from '../../functions/shared/telemetry.ts';
import { createMetrics, PowertoolsTelemetry } from './telemetry.ts';

export type LambdaHandler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

export interface Observability {
  readonly telemetry: Telemetry;
  /** Wraps a handler so that its lines carry the request's id, its failures are counted and its metrics written. */
  observe<Event, Result>(handler: LambdaHandler<Event, Result>): LambdaHandler<Event, Result>;
}

/** Sets up Powertools for one function. */
export function observability(serviceName: string): Observability {
  const logger = new Logger({ serviceName });
  const metrics = createMetrics(serviceName, process.env.STACK_NAME);
  return {
    telemetry: new PowertoolsTelemetry(logger, metrics),
    observe: <Event, Result>(handler: LambdaHandler<Event, Result>) =>
      middy<Event, Result>(handler)
        .use(injectLambdaContext(logger, { resetKeys: true }))
        .use(jobIdOfPath(logger))
        .use(writeMetrics(metrics))
        .use(countFailures(metrics)),
  };
}

const jobRequest = z.object({ pathParameters: z.object({ id: z.string() }) });

/** Adds the job's id to every log line of a request whose path names a job. */
function jobIdOfPath(logger: Logger): middy.MiddlewareObj {
  return {
    before: ({ event }) => {
      const request = jobRequest.safeParse(event);
      if (request.success) logger.appendKeys({ jobId: request.data.pathParameters.id });
    },
  };
}

/** Like Powertools' own middleware, but without its warning for a request that counted nothing. */
function writeMetrics(metrics: Metrics): middy.MiddlewareObj {
  const write = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return {
    before: ({ context }) => metrics.captureColdStartMetric(context.functionName),
    after: write,
    onError: write,
  };
}

const failedAnswer = z.object({ statusCode: z.number().min(500) });
const failedItems = z.object({ batchItemFailures: z.array(z.unknown()).min(1) });

/**
 * Counts what a version of the function fails at, for a release to be rolled back by: a 5xx answer and a part of a batch that failed
 * are successes to Lambda, whose own metric `Errors` stays at 0.
 */
function countFailures(metrics: Metrics): middy.MiddlewareObj {
  const count = ({ functionVersion }: Context, failures: number) =>
    metrics
      .singleMetric()
      .addDimension('version', functionVersion)
      .addMetric(names.failures, MetricUnit.Count, failures);
  return {
    after: ({ context, response }) => {
      const items = failedItems.safeParse(response);
      if (items.success) count(context, items.data.batchItemFailures.length);
      else if (failedAnswer.safeParse(response).success) count(context, 1);
    },
    onError: ({ context }) => void count(context, 1),
  };
}
