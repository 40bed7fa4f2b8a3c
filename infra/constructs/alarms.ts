import { Duration } from 'aws-cdk-lib';
import type { RestApi as ApiGatewayRestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { metricNamespace } from '../../aws/telemetry/telemetry.ts';
import { metrics } from '../../functions/shared/telemetry.ts';
import { acknowledge } from '../acknowledge.ts';
import type { StackSettings } from '../settings.ts';
import type { Functions } from './functions.ts';

export interface AlarmsProps {
  readonly settings: StackSettings;
  readonly functions: Functions;
  readonly queue: IQueue;
  readonly api: ApiGatewayRestApi;
}

interface AlarmTerms {
  readonly name: AlarmName;
  /** The function, where there is such an alarm for each. */
  readonly of?: string;
  readonly metric: IMetric;
  /** The alarm goes off above it. */
  readonly threshold: number;
  /** Of five minutes each. */
  readonly periods?: number;
}

const period = Duration.minutes(5);

/** The heading of the runbook that each alarm leads to, word for word: test/infra looks for it there. */
export const runbook = 'docs/operations.md';
export const alarmHeadings = {
  JobsGivenUp: 'Jobs given up',
  DeadLetterErrors: 'Dead-letter function fails',
  OldestMessage: 'Oldest message too old',
  FunctionErrors: 'Functions fail',
  FunctionThrottles: 'Functions are throttled',
  ServerErrors: 'Requests answered with 5xx',
  SlowJobs: 'Jobs take too long',
} as const;
export type AlarmName = keyof typeof alarmHeadings;

/** What wakes somebody up; with the setting `alarmEmail` it does so by mail. */
export class Alarms extends Construct {
  readonly all: Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.all = alarmTerms(props).map((terms) => this.#alarm(props, terms));
    const { alarmEmail } = props.settings;
    if (alarmEmail !== undefined) this.#mail(alarmEmail);
  }

  #alarm({ settings }: AlarmsProps, { name, of, metric, threshold, periods = 1 }: AlarmTerms): Alarm {
    const id = of === undefined ? name : `${name}-${of}`;
    const heading = alarmHeadings[name];
    const anchor = heading.toLowerCase().replaceAll(' ', '-');
    return new Alarm(this, id, {
      alarmName: `${settings.stackName}-${id}`,
      alarmDescription: `${heading}: ${runbook}#${anchor}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      // No requests is no fault.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  #mail(address: string): void {
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(address));
    for (const alarm of this.all) alarm.addAlarmAction(new SnsAction(topic));
    acknowledge(topic, {
      'Serverless-SNSRedrivePolicy':
        'A mail that cannot be delivered is not sent again by a queue; the alarm itself stays.',
    });
  }
}

function alarmTerms(props: AlarmsProps): AlarmTerms[] {
  const { settings, queue, api } = props;
  const oldest = queue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM });
  return [
    {
      name: 'JobsGivenUp',
      metric: serviceMetric(metrics.jobsGivenUp, 'dead-letter', Stats.SUM),
      threshold: 0,
    },
    { name: 'OldestMessage', metric: oldest, threshold: settings.visibilitySeconds * settings.maxReceives },
    // The average of ones and noughts is a rate.
    {
      name: 'ServerErrors',
      metric: api.metricServerError({ period, statistic: Stats.AVERAGE }),
      threshold: 0.01,
      periods: 2,
    },
    { name: 'SlowJobs', metric: jobDuration(Stats.percentile(99)), threshold: 20_000, periods: 3 },
    ...Object.entries(props.functions.byName).flatMap(([of, { lambda }]) => functionTerms(of, lambda)),
  ];
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

/** From a job's creation to its end in milliseconds; of an uploaded image the client's own time is part. */
export function jobDuration(statistic: string): Metric {
  return serviceMetric(metrics.createdToEnded, 'classify', statistic);
}

/** One of the metrics that the functions write themselves. */
export function serviceMetric(metricName: string, service: string, statistic: string): Metric {
  return new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { service },
    statistic,
    period,
  });
}
