import { Duration } from 'aws-cdk-lib';
import type { RestApi as ApiGatewayRestApi } from 'aws-cdk-lib/aws-apigateway';
import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { processingSeconds } from '../../functions/shared/settings.ts';
import { reservations } from '../capacity.ts';
import type { StackSettings } from '../settings.ts';
import type { Canary } from './canary.ts';
import type { Drops } from './drops.ts';
import type { Functions } from './functions.ts';
import type { JobEvents } from './job-events.ts';
import {
  accountConcurrency,
  depthOf,
  jobDuration,
  jobsGivenUp,
  period,
  pipeFailures,
  tableThrottles,
  unreadableMessages,
} from './metrics.ts';

/** What is watched. */
export interface Watched {
  readonly settings: StackSettings;
  readonly functions: Functions;
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  readonly table: Table;
  readonly api: ApiGatewayRestApi;
  /** Where the setting `drops` is on. */
  readonly drops?: Drops;
  /** Where the setting `events` is on. */
  readonly jobEvents?: JobEvents;
  /** Where the setting `canary` is on. */
  readonly canary?: Canary;
}

/** The heading of docs/operations.md that each alarm links to, word for word: test/infra looks for it there. */
export const alarmHeadings = {
  JobsGivenUp: 'Jobs given up',
  DeadLetterErrors: 'Dead-letter function fails',
  DeadLetterDepth: 'Messages stay in the dead-letter queue',
  MessagesUnreadable: 'Messages cannot be read',
  OldestMessage: 'Oldest message too old',
  TableThrottles: 'Table throttles',
  FunctionErrors: 'Functions fail',
  FunctionThrottles: 'Functions are throttled',
  Concurrency: 'Concurrency near its limit',
  ServerErrors: 'Requests answered with 5xx',
  SlowJobs: 'Jobs take too long',
  JobEvents: 'Events are not announced',
  Canary: 'Canary fails',
} as const;
export type AlarmName = keyof typeof alarmHeadings;

/** An alarm that goes off above its threshold. */
export interface AlarmTerms {
  readonly name: AlarmName;
  /** The part, where there is such an alarm for several. */
  readonly of?: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Whether it goes off where there is nothing to measure: elsewhere no requests are no fault. */
  readonly missingIsBad?: boolean;
  /** How many of the metric's periods in a row: five minutes each where the metric does not say otherwise. */
  readonly periods?: number;
}

export function alarmTerms(watched: Watched): AlarmTerms[] {
  const { functions, drops, jobEvents, canary } = watched;
  return [
    ...queueTerms(watched),
    { name: 'TableThrottles', metric: tableThrottles(watched.table), threshold: 0, periods: 2 },
    { name: 'Concurrency', metric: accountConcurrency(), threshold: 80 },
    ...capTerms(watched),
    ...requestTerms(watched),
    ...Object.entries(functions.byName).flatMap(([of, { lambda }]) => functionTerms(of, lambda)),
    ...(drops === undefined ? [] : dropTerms(drops)),
    ...(jobEvents === undefined ? [] : eventTerms(jobEvents)),
    ...(canary === undefined ? [] : [canaryTerms(canary)]),
  ];
}

function queueTerms({ settings, queue, deadLetterQueue }: Watched): AlarmTerms[] {
  const minute = Duration.minutes(1);
  const age = queue.metricApproximateAgeOfOldestMessage({ period: minute, statistic: Stats.MAXIMUM });
  return [
    { name: 'JobsGivenUp', metric: jobsGivenUp(settings), threshold: 0 },
    {
      name: 'DeadLetterDepth',
      metric: depthOf(deadLetterQueue, 'Dead letters'),
      threshold: 0,
      periods: 3,
    },
    { name: 'MessagesUnreadable', metric: unreadableMessages(settings), threshold: 0 },
    // Half of the time after which a job reads as lost: the other half is for whoever gets the mail.
    {
      name: 'OldestMessage',
      metric: age,
      threshold: Math.floor(processingSeconds(settings) / 2),
      periods: 2,
    },
  ];
}

function requestTerms({ settings, api }: Watched): AlarmTerms[] {
  // The average of ones and zeros is a rate.
  const errorRate = api.metricServerError({ period, statistic: Stats.AVERAGE });
  return [
    { name: 'ServerErrors', metric: errorRate, threshold: 0.01, periods: 2 },
    { name: 'SlowJobs', metric: jobDuration(settings, Stats.percentile(99)), threshold: 20_000, periods: 3 },
  ];
}

/** Functions near their cap. Classify is at its own whenever there is work: the age of its messages tells more. */
function capTerms({ settings, functions }: Watched): AlarmTerms[] {
  const caps = reservations(settings);
  return (['upload', 'status', 'events'] as const).flatMap((of) => {
    const cap = caps[of];
    if (cap === undefined) return [];
    const { lambda } = functions.byName[of];
    const metric = lambda.metric('ConcurrentExecutions', { period, statistic: Stats.MAXIMUM });
    return [{ name: 'Concurrency', of, metric, threshold: Math.floor(0.8 * cap) }];
  });
}

/** Nothing comes after the dead-letter function: what it fails at is lost in 14 days. Any other is tried again first. */
function functionTerms(of: string, lambda: LambdaFunction): AlarmTerms[] {
  const errors = lambda.metricErrors({ period });
  return [
    of === 'dead-letter'
      ? { name: 'DeadLetterErrors', metric: errors, threshold: 0 }
      : { name: 'FunctionErrors', of, metric: errors, threshold: 0, periods: 3 },
    { name: 'FunctionThrottles', of, metric: lambda.metricThrottles({ period }), threshold: 0, periods: 3 },
  ];
}

/** An object that was given up has a document that says so; what stays in the queue has not even that. */
function dropTerms({ label, giveUp, deadLetterQueue }: Drops): AlarmTerms[] {
  return [
    ...[label, giveUp].flatMap(({ name, lambda }) => functionTerms(name, lambda)),
    {
      name: 'DeadLetterDepth',
      of: 'drops',
      metric: depthOf(deadLetterQueue, 'Drops given up'),
      threshold: 0,
      periods: 3,
    },
  ];
}

function eventTerms({ pipeName, deadLetterQueue }: JobEvents): AlarmTerms[] {
  return [
    { name: 'JobEvents', of: 'pipe', metric: pipeFailures(pipeName), threshold: 0, periods: 3 },
    {
      name: 'JobEvents',
      of: 'dead-letters',
      metric: depthOf(deadLetterQueue, 'Events not announced'),
      threshold: 0,
    },
  ];
}

/** Once may be a cold start. A canary that does not even run tells nothing good either. */
function canaryTerms({ lambda }: Canary): AlarmTerms {
  return {
    name: 'Canary',
    metric: lambda.metricErrors({ period }),
    threshold: 0,
    periods: 2,
    missingIsBad: true,
  };
}
