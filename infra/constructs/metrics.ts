import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IVersion } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { metricDimensions, metricNamespace } from '../../aws/telemetry/telemetry.ts';
import { metrics } from '../../functions/shared/telemetry.ts';
import type { FunctionName } from '../assets.ts';
import type { StackSettings } from '../settings.ts';

export const period = Duration.minutes(5);

/** One of the metrics that a function of this stack writes itself. */
export function serviceMetric(
  { stackName }: Pick<StackSettings, 'stackName'>,
  metricName: string,
  service: FunctionName,
  statistic: string,
): Metric {
  return new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: metricDimensions(service, stackName),
    statistic,
    period,
  });
}

/** From the arrival of a job's image to the job's end, in milliseconds. */
export function jobDuration(settings: Pick<StackSettings, 'stackName'>, statistic: string): Metric {
  return serviceMetric(settings, metrics.storedToEnded, 'classify', statistic);
}

/** Messages that neither the classify function nor the dead-letter function could read. */
export function unreadableMessages(settings: StackName): IMetric {
  return sumOf('Messages unreadable', countsOfBoth(settings, metrics.messagesUnreadable));
}

/** Jobs whose tries were used up, and those whose message came to the dead-letter queue. */
export function jobsGivenUp(settings: StackName): IMetric {
  return sumOf('Jobs given up', countsOfBoth(settings, metrics.jobsGivenUp));
}

type StackName = Pick<StackSettings, 'stackName'>;

function countsOfBoth(settings: StackName, metricName: string): Metric[] {
  return (['classify', 'dead-letter'] as const).map((service) =>
    serviceMetric(settings, metricName, service, Stats.SUM),
  );
}

/** The messages in a queue, those that a function holds included: one that always fails is hidden most of the time. */
export function depthOf(queue: IQueue, label: string): IMetric {
  const options = { period, statistic: Stats.MINIMUM };
  return sumOf(label, [
    queue.metricApproximateNumberOfMessagesVisible(options),
    queue.metricApproximateNumberOfMessagesNotVisible(options),
  ]);
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html */
export function tableThrottles({ tableName }: Table): IMetric {
  const events = ['ReadThrottleEvents', 'WriteThrottleEvents'].map(
    (metricName) =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        dimensionsMap: { TableName: tableName },
        statistic: Stats.SUM,
        period,
      }),
  );
  return sumOf('Table throttles', events);
}

/**
 * How much of the account's Lambda concurrency is in use, in percent of what the account may have now.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Quotas-Visualize-Alarms.html
 */
export function accountConcurrency(): IMetric {
  const used = new Metric({
    namespace: 'AWS/Usage',
    metricName: 'ResourceCount',
    dimensionsMap: { Service: 'Lambda', Type: 'Resource', Resource: 'ConcurrentExecutions', Class: 'None' },
    statistic: Stats.MAXIMUM,
    period,
  });
  return new MathExpression({
    expression: 'used / SERVICE_QUOTA(used) * 100',
    usingMetrics: { used },
    label: "Percent of the account's concurrency",
    period,
  });
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-monitoring.html */
export function pipeFailures(pipeName: string): IMetric {
  const failures = ['ExecutionFailed', 'ExecutionPartiallyFailed', 'ExecutionTimeout'].map(
    (metricName) =>
      new Metric({
        namespace: 'AWS/EventBridge/Pipes',
        metricName,
        dimensionsMap: { PipeName: pipeName },
        statistic: Stats.SUM,
        period,
      }),
  );
  return sumOf('Pipe failures', failures);
}

/** The sum of metrics, any of which may have no value in a period. */
function sumOf(label: string, metrics: readonly IMetric[]): IMetric {
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  const expression = Object.keys(usingMetrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, label, period });
}

/**
 * What one version of a function failed at in a minute: what it counts itself, and the crashes and time-outs that it cannot count.
 */
export function versionFailures(
  { stackName }: Pick<StackSettings, 'stackName'>,
  name: FunctionName,
  version: IVersion,
): MathExpression {
  const minute = { period: Duration.minutes(1), statistic: Stats.SUM };
  const counted = new Metric({
    namespace: metricNamespace,
    metricName: metrics.failures,
    dimensionsMap: { ...metricDimensions(name, stackName), version: version.version },
    ...minute,
  });
  const crashes = version.metricErrors({
    dimensionsMap: {
      FunctionName: version.lambda.functionName,
      Resource: `${version.lambda.functionName}:live`,
      ExecutedVersion: version.version,
    },
    ...minute,
  });
  return new MathExpression({
    expression: 'FILL(counted, 0) + FILL(crashes, 0)',
    usingMetrics: { counted, crashes },
    label: `Failures of the new ${name}`,
    period: minute.period,
  });
}
