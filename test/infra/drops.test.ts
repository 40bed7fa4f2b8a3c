import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { functionProperties, prepare, synthesize } from '../support/aws/synthesize.ts';

const sources = ['photos/2026/', 's3://scans'];
const key = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd';

const statementSchema = z.object({
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});

/** What the role of a function may do, an action on a resource each, as text: CDK merges statements. */
function rights(template: ReturnType<typeof synthesize>, construct: string): string[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const [, policy] = policies.find(([id]) => id.startsWith(`Drops${construct}Role`)) ?? [];
  const statements = z.array(statementSchema).parse(policy?.Properties.PolicyDocument.Statement);
  return statements.flatMap(({ Action, Resource, Condition }) =>
    [Action].flat().flatMap((action) =>
      [Resource].flat().map((resource) => {
        const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
        return `${action} on ${JSON.stringify(resource)}${condition}`;
      }),
    ),
  );
}

describe('what people put into storage', () => {
  const template = synthesize({ sources, sourceKeys: [key] });

  test('is labelled by a function that shares the image of the classify function', () => {
    const label = functionProperties(template, 'DropsLabel');
    const classify = functionProperties(template, 'Classify');
    expect(label).toMatchObject({ ImageConfig: { Command: ['label.handler'] } });
    expect(label.Code).toEqual(classify.Code);
    const zip = functionProperties(synthesize({ packaging: 'zip' }), 'DropsLabel');
    expect(zip).toMatchObject({ Handler: 'label.handler', Layers: [expect.anything()] });
  });

  test('comes from the sources by EventBridge, each under its prefix', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: ['photos'] }, object: { key: [{ prefix: '2026/' }] } },
      },
      Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue() })],
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { detail: { bucket: { name: ['scans'] }, object: Match.absent() } },
    });
  });

  test('is all that the label function may read, and labels are all that it may write', () => {
    const allowed = rights(template, 'Label').filter((right) => /^(s3|kms):/.test(right));
    const expected = [
      /^s3:GetObject on .*labels\/\*/,
      /^s3:PutObject on .*labels\/\*/,
      /^s3:ListBucket on .* if .*"s3:prefix":"labels\/\*"/,
      /^s3:GetObject on .*drop\/\*/,
      /^s3:GetObjectVersion on .*drop\/\*/,
      /^s3:ListBucket on .* if .*"s3:prefix":"drop\/\*"/,
      /^s3:GetObject on .*:s3:::photos\/2026\/\*/,
      /^s3:GetObjectVersion on .*:s3:::photos\/2026\/\*/,
      /^s3:ListBucket on .*:s3:::photos".* if .*"s3:prefix":"2026\/\*"/,
      /^s3:GetObject on .*:s3:::scans\/\*/,
      /^s3:GetObjectVersion on .*:s3:::scans\/\*/,
      /^s3:ListBucket on .*:s3:::scans"/,
      /^kms:Decrypt on "arn:aws:kms:eu-west-1:123456789012:key\/1234abcd"$/,
    ];
    expect(allowed.filter((right) => !expected.some((pattern) => pattern.test(right)))).toEqual([]);
    expect(expected.filter((pattern) => !allowed.some((right) => pattern.test(right)))).toEqual([]);
    expect(rights(template, 'GiveUp').filter((right) => /photos|scans|drop\//.test(right))).toEqual([]);
  });

  test('is given up after eight deliveries, whose waits outlast ten minutes without storage', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 360,
      RedrivePolicy: { maxReceiveCount: 8 },
    });
  });

  test('comes in batches that the function has time for, however slow its images are', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 4,
      ScalingConfig: { MaximumConcurrency: 20 },
    });
  });

  test('is labelled by functions that are watched, and released in steps where that is set', () => {
    const released = synthesize({ gradualReleases: true });
    released.resourceCountIs('AWS::CodeDeploy::DeploymentGroup', 8);
    released.resourceCountIs('AWS::Lambda::Alias', 8);
    for (const name of ['FunctionErrors-label', 'FunctionErrors-label-give-up', 'DeadLetterDepth-drops'])
      template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: `label-on-upload-${name}` });
  });

  test('is left alone where that is set', () => {
    const without = synthesize({ drops: false });
    without.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
    without.resourceCountIs('AWS::SQS::Queue', 2);
  });
});

describe('sources', () => {
  test.each([
    [{ sources: ['Photos'] }, 'sources: takes buckets with or without a prefix'],
    [{ sources: 'label-on-upload-images-123456789012-eu-west-1/drop' }, "the service's own bucket"],
    [{ sources: 'photos', drops: false }, 'sources: goes with drops=true'],
    [{ sourceKeys: 'alias/my-key' }, 'sourceKeys: takes ARNs of KMS keys'],
    [{ otherFiles: 'keep' }, 'otherFiles: '],
  ])('such as %j are refused with the reason', (settings, message) => {
    expect(() => prepare(settings)).toThrow(message);
  });
});
