import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { processingSeconds } from '../../functions/shared/settings.ts';
import { alarmHeadings } from '../../infra/constructs/alarm-terms.ts';
import { anchorOf, findRunbookUrl, runbook } from '../../infra/runbook.ts';
import { functionProperties, prepare, synthesize } from '../support/aws/synthesize.ts';

/** What cdk-nag leaves in the assembly; a warning does not end `cdk` with an error, and is a finding all the same. */
const report = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(z.unknown()),
      suppressedViolations: z.array(z.object({ acknowledgedAt: z.string() })).default([]),
    }),
  ),
});

const root = join(import.meta.dirname, '../..');
const runbookUrl = 'https://git.example/owner/repository/blob/main/docs/operations.md';

describe('alarms', () => {
  const { app, stack } = prepare({
    alarmEmail: 'somebody@example.org',
    events: true,
    canary: true,
    runbookUrl,
  });
  const template = Template.fromStack(stack);
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  const alarm = (name: string): Record<string, unknown> =>
    alarms.find(({ Properties }) => Properties.AlarmName === `label-on-upload-${name}`)?.Properties ?? {};
  /** What is in a metric or in the sum of several. */
  const metricsOf = (name: string): string[] =>
    [...JSON.stringify(alarm(name)).matchAll(/"MetricName":"(\w+)"/g)].map(([, metric = '']) => metric);

  test('are there for every heading, and each links to one of the runbook', () => {
    const text = readFileSync(join(root, runbook), 'utf8');
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
    const links = alarms.map(({ Properties }) => String(Properties.AlarmDescription).split(': ')[1] ?? '');
    for (const link of links) {
      const url = new URL(link);
      expect(`${url.origin}${url.pathname}`).toBe(runbookUrl);
      expect(anchors).toContain(url.hash.slice(1));
    }
    expect(new Set(links).size).toBe(Object.keys(alarmHeadings).length);
  });

  test('say so by mail', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'somebody@example.org',
    });
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
  });

  test('of this stack may publish to the topic, which a policy that only denies would prevent', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Condition: {
              ArnLike: {
                'aws:SourceArn': {
                  'Fn::Join': [
                    '',
                    Match.arrayWith([':cloudwatch:', { Ref: 'AWS::AccountId' }, ':alarm:label-on-upload-*']),
                  ],
                },
              },
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          }),
        ]),
      },
    });
  });

  test('that notify no one cause a warning, and only those', () => {
    const warnings = (of: Stack) =>
      Annotations.fromStack(of).findWarning('*', Match.stringLikeRegexp('alarmEmail'));
    const silent = prepare({});
    expect(warnings(silent.stack)).toHaveLength(1);
    expect(warnings(stack)).toEqual([]);
    expect(app.synth().stacks).toHaveLength(1);
  });

  test('go off for a single job that was given up, and a single unreadable message', () => {
    for (const name of ['JobsGivenUp', 'MessagesUnreadable']) {
      expect(alarm(name)).toMatchObject({ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' });
    }
    expect(metricsOf('JobsGivenUp')).toEqual(['JobsGivenUp', 'JobsGivenUp']);
    expect(metricsOf('MessagesUnreadable')).toEqual(['MessagesUnreadable', 'MessagesUnreadable']);
  });

  test('go off for messages that stay in the dead-letter queue, those that a function holds included', () => {
    expect(alarm('DeadLetterDepth')).toMatchObject({ Threshold: 0, EvaluationPeriods: 3 });
    expect(metricsOf('DeadLetterDepth')).toEqual([
      'ApproximateNumberOfMessagesVisible',
      'ApproximateNumberOfMessagesNotVisible',
    ]);
    expect(JSON.stringify(alarm('DeadLetterDepth'))).toMatch(/JobQueueDeadLetters/);
  });

  test('go off for throttles of the table', () => {
    expect(metricsOf('TableThrottles')).toEqual(['ReadThrottleEvents', 'WriteThrottleEvents']);
  });

  test("go off at four fifths of the account's concurrency, whatever it is", () => {
    expect(alarm('Concurrency')).toMatchObject({ Threshold: 80 });
    expect(JSON.stringify(alarm('Concurrency'))).toContain('SERVICE_QUOTA(used)');
  });

  test('go off for a pipe that fails, and for what it could not announce', () => {
    expect(metricsOf('JobEvents-pipe')).toContain('ExecutionFailed');
    expect(JSON.stringify(alarm('JobEvents-dead-letters'))).toMatch(/JobEventsDeadLetters/);
  });

  test('go off for an old message well before the jobs behind it read as lost', () => {
    for (const settings of [{}, { visibilitySeconds: 600, maxTries: 3 }]) {
      const [oldest] = Object.values(
        synthesize(settings).findResources('AWS::CloudWatch::Alarm', {
          Properties: { MetricName: 'ApproximateAgeOfOldestMessage' },
        }),
      );
      const { Threshold, EvaluationPeriods, Period } = oldest?.Properties ?? {};
      const lost = processingSeconds({ visibilitySeconds: 180, maxTries: 5, ...settings });
      expect(Threshold + EvaluationPeriods * Period).toBeLessThan(0.7 * lost);
    }
  });

  test('measure slow jobs from the arrival of the image', () => {
    expect(alarm('SlowJobs')).toMatchObject({ MetricName: 'StoredToEnded' });
  });
});

describe("the runbook's address", () => {
  const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'a/b', GITHUB_SHA: 'c0ffee' };

  test.each([
    [github, '', 'https://github.com/a/b/blob/c0ffee/docs/operations.md'],
    [{}, 'https://github.com/a/b.git', 'https://github.com/a/b/blob/main/docs/operations.md'],
    [{}, 'https://name@git.example/a/b', 'https://git.example/a/b/blob/main/docs/operations.md'],
    [{}, 'git@github.com:a/b.git', 'https://github.com/a/b/blob/main/docs/operations.md'],
    [{}, '/srv/git/b.git', undefined],
    [{}, '', undefined],
  ])('with %j and the origin "%s" is %s', (environment, remote, url) => {
    expect(findRunbookUrl(environment, remote)).toBe(url);
  });
});

describe('events=true', () => {
  test('announces ended jobs, by a pipe that sees no others', () => {
    synthesize({ events: true }).hasResourceProperties('AWS::Pipes::Pipe', {
      SourceParameters: {
        FilterCriteria: {
          Filters: [
            {
              Pattern: JSON.stringify({
                eventName: ['INSERT', 'MODIFY'],
                dynamodb: { NewImage: { status: { S: ['succeeded', 'failed'] } } },
              }),
            },
          ],
        },
      },
      TargetParameters: Match.objectLike({
        EventBridgeEventBusParameters: { DetailType: 'Job ended', Source: 'label-on-upload' },
      }),
    });
  });

  test('keeps what it could not announce', () => {
    synthesize({ events: true }).hasResourceProperties('AWS::Pipes::Pipe', {
      SourceParameters: {
        DynamoDBStreamParameters: {
          DeadLetterConfig: {
            Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobEventsDeadLetters'), 'Arn'] },
          },
        },
      },
    });
  });

  test('is not so by itself', () => {
    synthesize().resourceCountIs('AWS::Pipes::Pipe', 0);
  });
});

describe('two stacks of one account', () => {
  test('share no metric: functions are told the name that alarms look for', () => {
    const template = synthesize({ stackName: 'other-stack' });
    const own = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
      .flatMap(({ Properties }) => [
        Properties,
        ...(Properties.Metrics ?? []).map(
          ({ MetricStat }: { MetricStat?: { Metric: unknown } }) => MetricStat?.Metric,
        ),
      ])
      .filter((metric) => metric?.Namespace === 'LabelOnUpload');
    expect(own.length).toBeGreaterThan(3);
    for (const { Dimensions } of own) {
      expect(Dimensions).toContainEqual({ Name: 'stack', Value: 'other-stack' });
    }
    for (const name of ['Classify', 'DeadLetter', 'Upload']) {
      expect(functionProperties(template, name)).toMatchObject({
        Environment: { Variables: { STACK_NAME: 'other-stack' } },
      });
    }
  });

  test('announce jobs under a source each', () => {
    synthesize({ stackName: 'other-stack', events: true }).hasResourceProperties('AWS::Pipes::Pipe', {
      TargetParameters: Match.objectLike({
        EventBridgeEventBusParameters: { DetailType: 'Job ended', Source: 'other-stack' },
      }),
    });
  });
});

describe('the canary', () => {
  test('is sent to the deployed address every five minutes, with an alarm that also goes off where it does not run', () => {
    const template = synthesize({ canary: true });
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(5 minutes)' });
    expect(functionProperties(template, 'Canary')).toMatchObject({
      Environment: { Variables: { SLOW_MILLISECONDS: '10000' } },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'label-on-upload-Canary',
      TreatMissingData: 'breaching',
    });
  });

  test('is not there by itself', () => {
    synthesize().resourceCountIs('AWS::Events::Rule', 0);
  });
});

describe('the firewall', () => {
  test('counts the requests of an address where a number is set', () => {
    const template = synthesize({ firewallRequests: 2000 });
    template.hasResourceProperties('AWS::WAFv2::WebACL', {
      Rules: [Match.objectLike({ Statement: { RateBasedStatement: Match.objectLike({ Limit: 2000 }) } })],
    });
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
  });

  test('is not there by itself', () => {
    synthesize().resourceCountIs('AWS::WAFv2::WebACL', 0);
  });
});

describe('cdk-nag', () => {
  test.each([
    {},
    { packaging: 'zip', streaming: false },
    { auth: 'iam', events: true, firewallRequests: 2000, alarmEmail: 'somebody@example.org' },
    { canary: true, gradualReleases: true, provisionedUpload: 2 },
    { auth: 'key', pointInTimeRecovery: true, keepData: true },
  ])('finds nothing with %j that is not acknowledged on its resource', (settings) => {
    const { app, outdir } = prepare(settings);
    app.synth();
    const packs = ['AwsSolutions', 'Serverless'];
    // CDK reports this app's own warnings there too.
    const pluginReports = report
      .parse(JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')))
      .pluginReports.filter(({ pluginName }) => packs.includes(pluginName));
    expect(pluginReports.map(({ pluginName }) => pluginName).sort()).toEqual(packs);
    expect(pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
    const places = pluginReports.flatMap(({ suppressedViolations }) => suppressedViolations);
    for (const { acknowledgedAt } of places) expect(acknowledgedAt).toMatch(/^Service\/.+\/.+/);
  });
});
