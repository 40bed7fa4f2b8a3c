import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { alarmHeadings, runbook } from '../../infra/constructs/alarms.ts';
import { prepare, synthesize } from '../support/aws/synthesize.ts';

/** What cdk-nag leaves in the assembly; a warning does not end `cdk` with an error, and is a finding all the same. */
const report = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(z.unknown()),
      suppressedViolations: z.array(z.object({ acknowledgedAt: z.string() })),
    }),
  ),
});

const root = join(import.meta.dirname, '../..');

describe('alarms', () => {
  const template = synthesize({ alarmEmail: 'somebody@example.org' });
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));

  test('are there for every heading, and each leads to one of the runbook', () => {
    const text = readFileSync(join(root, runbook), 'utf8');
    const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    );
    const led = alarms.map(({ Properties }) => String(Properties.AlarmDescription).split('#')[1]);
    for (const anchor of led) expect(anchors).toContain(anchor);
    expect(new Set(led).size).toBe(Object.keys(alarmHeadings).length);
  });

  test('say so by mail', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'somebody@example.org',
    });
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
  });

  test('go off for a single job that was given up', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'label-on-upload-JobsGivenUp',
      MetricName: 'JobsGivenUp',
      Dimensions: [{ Name: 'service', Value: 'dead-letter' }],
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  });

  test('go off for a message older than all its receives take', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 5 * 180,
    });
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

  test('is not so by itself', () => {
    synthesize().resourceCountIs('AWS::Pipes::Pipe', 0);
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
  ])('finds nothing with %j that is not acknowledged on its resource', (settings) => {
    const { app, outdir } = prepare(settings);
    app.synth();
    const { pluginReports } = report.parse(
      JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')),
    );
    expect(pluginReports.map(({ pluginName }) => pluginName)).toEqual(
      expect.arrayContaining(['AwsSolutions', 'Serverless']),
    );
    expect(pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
    const places = pluginReports.flatMap(({ suppressedViolations }) => suppressedViolations);
    for (const { acknowledgedAt } of places) expect(acknowledgedAt).toMatch(/^Service\/.+\/.+/);
  });
});
