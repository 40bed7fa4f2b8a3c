import { Duration } from 'aws-cdk-lib';
import type { RestApi as ApiGatewayRestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { metrics } from '../../functions/shared/telemetry.ts';
import type { StackSettings } from '../settings.ts';
import type { Alarms } from './alarms.ts';
import type { Functions } from './functions.ts';
import { jobDuration, serviceMetric } from './metrics.ts';

export interface DashboardProps {
  readonly settings: Pick<StackSettings, 'stackName'>;
  readonly functions: Functions;
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  readonly api: ApiGatewayRestApi;
  readonly alarms: Alarms;
}

/** What one looks at first, from the alarms to where the time goes. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { settings, alarms } = props;
    const dashboard = new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: settings.stackName,
      defaultInterval: Duration.hours(3),
    });
    dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: alarms.all, width: 24 }));
    dashboard.addWidgets(requests(props), jobs(props), time(props));
    dashboard.addWidgets(queues(props), concurrency(props), failures(props));
  }
}

const width = 8;

function requests({ api }: DashboardProps): GraphWidget {
  return new GraphWidget({
    title: 'Requests',
    width,
    left: [api.metricCount(), api.metricClientError(), api.metricServerError()],
    right: [
      api.metricLatency({ statistic: Stats.percentile(50) }),
      api.metricLatency({ statistic: Stats.percentile(99) }),
    ],
  });
}

function jobs({ settings }: DashboardProps): GraphWidget {
  return new GraphWidget({
    title: 'Image stored to job ended, ms',
    width,
    left: [50, 90, 99].map((percentile) => jobDuration(settings, Stats.percentile(percentile))),
  });
}

function time({ settings }: DashboardProps): GraphWidget {
  return new GraphWidget({
    title: 'Decode and network, ms',
    width,
    left: [metrics.decode, metrics.network].map((name) =>
      serviceMetric(settings, name, 'classify', Stats.percentile(90)),
    ),
  });
}

function queues({ queue, deadLetterQueue }: DashboardProps): GraphWidget {
  return new GraphWidget({
    title: 'Queue',
    width,
    left: [queue, deadLetterQueue].map((each) => each.metricApproximateNumberOfMessagesVisible()),
    right: [queue.metricApproximateAgeOfOldestMessage()],
  });
}

function concurrency({ functions }: DashboardProps): GraphWidget {
  const lambdas = Object.values(functions.byName).map(({ lambda }) => lambda);
  return new GraphWidget({
    title: 'Functions at once',
    width,
    left: lambdas.map((lambda) => lambda.metric('ConcurrentExecutions', { statistic: Stats.MAXIMUM })),
  });
}

function failures({ functions }: DashboardProps): GraphWidget {
  const lambdas = Object.values(functions.byName).map(({ lambda }) => lambda);
  return new GraphWidget({
    title: 'Errors and throttles',
    width,
    left: lambdas.map((lambda) => lambda.metricErrors()),
    right: lambdas.map((lambda) => lambda.metricThrottles()),
  });
}
