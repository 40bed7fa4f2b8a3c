import { Annotations, ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { runbookLink } from '../runbook.ts';
import { type AlarmTerms, alarmHeadings, alarmTerms, type Watched } from './alarm-terms.ts';

/** What wakes somebody up; with the setting `alarmEmail` it does so by mail. */
export class Alarms extends Construct {
  readonly all: Alarm[];

  constructor(scope: Construct, id: string, watched: Watched) {
    super(scope, id);
    this.all = alarmTerms(watched).map((terms) => this.#alarm(watched, terms));
    const { alarmEmail, stackName } = watched.settings;
    if (alarmEmail === undefined) this.#warn();
    else this.#mail(alarmEmail, stackName);
  }

  #alarm({ settings }: Watched, terms: AlarmTerms): Alarm {
    const { name, of, metric, threshold, periods = 1, missingIsBad = false } = terms;
    const id = of === undefined ? name : `${name}-${of}`;
    const heading = alarmHeadings[name];
    return new Alarm(this, id, {
      alarmName: `${settings.stackName}-${id}`,
      alarmDescription: `${heading}: ${runbookLink(settings, heading)}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: missingIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }

  /** `cdk synth` and `cdk deploy` print it. */
  #warn(): void {
    Annotations.of(this).addWarningV2(
      'label-on-upload:alarmsWithoutAction',
      `Nobody is told when one of the ${this.all.length} alarms goes off. Deploy with -c alarmEmail=you@example.org to get a mail.`,
    );
  }

  #mail(address: string, stackName: string): void {
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    topic.addToResourcePolicy(allowAlarms(topic, stackName));
    topic.addSubscription(new EmailSubscription(address));
    for (const alarm of this.all) alarm.addAlarmAction(new SnsAction(topic));
    acknowledge(topic, {
      'Serverless-SNSRedrivePolicy':
        'A mail that cannot be delivered is not sent again by a queue; the alarm itself stays.',
    });
  }
}

/**
 * A topic without a policy lets its own account's alarms publish. One with a policy, which `enforceSSL` writes, must say so itself.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
function allowAlarms(topic: Topic, stackName: string): PolicyStatement {
  const alarms = Stack.of(topic).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${stackName}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    sid: 'AllowAlarms',
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: {
      ArnLike: { 'aws:SourceArn': alarms },
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    },
  });
}
