import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { functionProperties, synthesize } from '../support/aws/synthesize.ts';

const logical = (template: Template, type: string): string[] => Object.keys(template.findResources(type));

describe('gradualReleases', () => {
  const template = synthesize({ gradualReleases: true, packaging: 'zip', drops: false });
  const aliases = template.findResources('AWS::Lambda::Alias');

  test('gives every function of the service a version and an alias, and keeps old versions for a rollback', () => {
    expect(Object.keys(aliases)).toHaveLength(6);
    for (const { Properties } of Object.values(aliases)) expect(Properties.Name).toBe('live');
    const versions = Object.values(template.findResources('AWS::Lambda::Version'));
    expect(versions).toHaveLength(6);
    for (const version of versions) expect(version.DeletionPolicy).toBe('Retain');
  });

  test('has CodeDeploy move each alias, a tenth of the traffic first, and back by an alarm', () => {
    const groups = Object.values(template.findResources('AWS::CodeDeploy::DeploymentGroup'));
    expect(groups).toHaveLength(6);
    for (const { Properties } of groups) {
      expect(Properties).toMatchObject({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        AutoRollbackConfiguration: {
          Enabled: true,
          Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']),
        },
        AlarmConfiguration: { Enabled: true, Alarms: [{ Name: { Ref: expect.any(String) } }] },
      });
    }
    for (const { UpdatePolicy } of Object.values(aliases)) {
      expect(UpdatePolicy).toHaveProperty('CodeDeployLambdaAliasUpdate');
    }
  });

  test('watches what the new version itself counts as failures, and its crashes', () => {
    const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).filter(([id]) =>
      id.startsWith('Releases'),
    );
    expect(alarms).toHaveLength(6);
    for (const [, { Properties }] of alarms) {
      const metrics = Properties.Metrics.flatMap(
        (query: { MetricStat?: { Metric: unknown } }) => query.MetricStat?.Metric ?? [],
      );
      const version = { 'Fn::GetAtt': [expect.stringMatching(/CurrentVersion/), 'Version'] };
      expect(metrics).toEqual([
        expect.objectContaining({
          MetricName: 'Failures',
          Dimensions: expect.arrayContaining([
            { Name: 'stack', Value: 'label-on-upload' },
            { Name: 'version', Value: version },
          ]),
        }),
        expect.objectContaining({
          MetricName: 'Errors',
          Dimensions: expect.arrayContaining([{ Name: 'ExecutedVersion', Value: version }]),
        }),
      ]);
    }
  });

  test('lets a picture through the new classify function before any traffic', () => {
    const hooks = Object.entries(aliases)
      .map(([id, { UpdatePolicy }]) => [id, UpdatePolicy.CodeDeployLambdaAliasUpdate.BeforeAllowTrafficHook])
      .filter(([, hook]) => hook !== undefined);
    expect(hooks).toEqual([
      [expect.stringMatching(/^FunctionsClassify/), { Ref: expect.stringMatching(/^ReleasesCheckFunction/) }],
    ]);
    expect(functionProperties(template, 'ReleasesCheck')).toMatchObject({
      Environment: {
        Variables: { VERSION_ARN: { Ref: expect.stringMatching(/^FunctionsClassify.*Version/) } },
      },
    });
  });

  test('has queues and the API call aliases, and never a function itself', () => {
    const mappings = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'));
    expect(mappings).toHaveLength(2);
    for (const { Properties } of mappings)
      expect(JSON.stringify(Properties.FunctionName)).toMatch(
        /"Functions(?:Classify|DeadLetter)Live[0-9A-F]{8}"/,
      );
    const methods = JSON.stringify(template.findResources('AWS::ApiGateway::Method'));
    expect(methods).not.toMatch(/"Functions\w+Function[0-9A-F]{8}"/);
    expect(methods).toMatch(/"FunctionsUploadLive[0-9A-F]{8}"/);
  });

  test('is off by itself', () => {
    const plain = synthesize({ packaging: 'zip' });
    for (const type of ['AWS::Lambda::Alias', 'AWS::Lambda::Version', 'AWS::CodeDeploy::DeploymentGroup']) {
      expect(logical(plain, type)).toEqual([]);
    }
  });
});

describe('provisioned concurrency', () => {
  test('keeps calls of the functions it names started, through an alias', () => {
    const template = synthesize({ provisionedClassify: 3, packaging: 'zip' });
    const aliases = Object.entries(template.findResources('AWS::Lambda::Alias'));
    expect(aliases).toHaveLength(1);
    expect(aliases[0]?.[0]).toMatch(/^FunctionsClassify/);
    template.hasResourceProperties('AWS::Lambda::Alias', {
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 3 },
    });
    const mappings = JSON.stringify(template.findResources('AWS::Lambda::EventSourceMapping'));
    expect(mappings).toMatch(/"FunctionsClassifyLive[0-9A-F]{8}"/);
  });
});
