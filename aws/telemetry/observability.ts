import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { Telemetry } from '../../functions/shared/ports.ts';
import type { Instrument } from '../clients.ts';
import { metricNamespace, PowertoolsTelemetry } from './telemetry.ts';

export type LambdaHandler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

export interface Observability {
  readonly telemetry: Telemetry;
  /** Wraps an AWS client so that its calls are traced. */
  readonly instrument: Instrument;
  /** Wraps a handler so that its lines carry the request's id, its metrics are written, and its calls are traced. */
  observe<Event, Result>(handler: LambdaHandler<Event, Result>): LambdaHandler<Event, Result>;
}

/** Everything of Powertools that a function has, for one composition root. */
export function observability(serviceName: string): Observability {
  const logger = new Logger({ serviceName });
  const metrics = new Metrics({ serviceName, namespace: metricNamespace });
  const tracer = new Tracer({ serviceName });
  return {
    telemetry: new PowertoolsTelemetry(logger, metrics),
    instrument: (client) => tracer.captureAWSv3Client(client),
    observe: <Event, Result>(handler: LambdaHandler<Event, Result>) =>
      middy<Event, Result>(handler)
        .use(captureLambdaHandler(tracer, { captureResponse: false }))
        .use(injectLambdaContext(logger, { resetKeys: true }))
        .use(jobIdOfPath(logger))
        .use(writeMetrics(metrics)),
  };
}

const jobRequest = z.object({ pathParameters: z.object({ id: z.string() }) });

/** Where a request's path names a job, each of its lines does too. */
function jobIdOfPath(logger: Logger): middy.MiddlewareObj {
  return {
    before: ({ event }) => {
      const request = jobRequest.safeParse(event);
      if (request.success) logger.appendKeys({ jobId: request.data.pathParameters.id });
    },
  };
}

/** As Powertools' own, which complains of each request that counted nothing. */
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
