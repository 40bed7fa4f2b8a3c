import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { awsSettings } from '../../aws/settings.ts';
import { environmentName, readEnvironment } from '../../functions/shared/settings.ts';
import { functionProperties, synthesize } from '../support/aws/synthesize.ts';

const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const policy = z.object({
  Properties: z.object({
    PolicyDocument: z.object({ Statement: z.array(z.object({ Action: list, Resource: z.unknown() })) }),
    Roles: z.tuple([z.object({ Ref: z.string() })]),
  }),
});

const environment = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) });

/** What every function does besides: logs and traces. */
const common = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];
const takesFromQueue = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
];

/** Everything each function may do: a right more is a change of this table. */
const rights: Readonly<Record<string, readonly string[]>> = {
  Upload: ['dynamodb:GetItem', 'dynamodb:PutItem', 's3:PutObject', 'sqs:SendMessage'],
  Status: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 's3:DeleteObject'],
  Events: ['dynamodb:GetItem'],
  Site: [],
  Classify: [
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    's3:DeleteObject',
    's3:GetObject',
    's3:ListBucket',
    ...takesFromQueue,
  ],
  DeadLetter: ['dynamodb:GetItem', 'dynamodb:PutItem', 's3:DeleteObject', ...takesFromQueue],
};

/** The actions that the policies of a function's role allow. */
function actionsOf(template: Template, name: string): string[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((found) =>
    policy.parse(found),
  );
  return policies
    .filter(({ Properties }) => Properties.Roles[0].Ref.startsWith(`Functions${name}Role`))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement.flatMap(({ Action }) => Action));
}

describe('the functions', () => {
  const template = synthesize({ packaging: 'zip' });

  test.each(Object.entries(rights))('%s may do what its work takes, and nothing else', (name, actions) => {
    expect([...new Set(actionsOf(template, name))].sort()).toEqual([...actions, ...common].sort());
  });

  test('have roles of their own, without policies that somebody else may widen', () => {
    const roles = Object.values(template.findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.Role['Fn::GetAtt'][0],
    );
    expect(new Set(roles).size).toBe(8);
    const managed = template.findResources('AWS::IAM::Role', {
      Properties: {
        ManagedPolicyArns: Match.anyValue(),
        AssumeRolePolicyDocument: Match.objectLike({
          Statement: [Match.objectLike({ Principal: { Service: 'lambda.amazonaws.com' } })],
        }),
      },
    });
    expect(Object.keys(managed)).toEqual([]);
  });

  test('reach images of both ways in and no other object', () => {
    const text = JSON.stringify(template.findResources('AWS::IAM::Policy'));
    expect(text).toContain('/inline/*');
    expect(text).toContain('/uploads/*');
    expect(text).not.toContain('"/*"');
  });

  test('get every setting that they read', () => {
    const set = synthesize({
      packaging: 'zip',
      retentionSeconds: 7200,
      allowedOrigins: 'https://a.example',
      largeJpegs: 'shrink',
    });
    const { Variables } = environment.parse(functionProperties(set, 'Classify')).Environment;
    const names = Object.keys(awsSettings.omit({ streaming: true }).shape).map(environmentName);
    expect(Object.keys(Variables).sort()).toEqual([...names, 'NODE_OPTIONS', 'STACK_NAME'].sort());
    // Names of resources are references here; the rest must be what the functions read.
    const told = {
      ...Variables,
      TABLE_NAME: 't',
      BUCKET_NAME: 'b',
      QUEUE_URL: 'https://queue.example',
    };
    expect(readEnvironment(awsSettings, told)).toMatchObject({
      retentionSeconds: 7200,
      allowedOrigins: ['https://a.example'],
      visibilitySeconds: 180,
      largeJpegs: 'shrink',
      modelDir: '/opt/model',
    });
  });

  test('keep their logs for as long as is set, and take them along', () => {
    const groups = Object.values(synthesize({ logRetentionDays: 7 }).findResources('AWS::Logs::LogGroup'));
    expect(groups.length).toBe(10);
    for (const group of groups) {
      expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 7 } });
    }
  });
});

describe('the classify function', () => {
  test('is a container image unless it is said to be a zip', () => {
    const classify = functionProperties(synthesize(), 'Classify');
    expect(classify).toMatchObject({ PackageType: 'Image', Architectures: ['arm64'] });
    expect(classify).not.toHaveProperty('Layers');
  });

  test('from a zip has the model as a layer', () => {
    const zip = synthesize({ packaging: 'zip' });
    expect(functionProperties(zip, 'Classify')).toMatchObject({
      Handler: 'main.handler',
      Runtime: 'nodejs24.x',
      Layers: [{ Ref: expect.any(String) }],
      Environment: { Variables: { MODEL_DIR: '/opt/model' } },
    });
    zip.resourceCountIs('AWS::Lambda::LayerVersion', 1);
  });

  test('reads the model elsewhere where it is told so, and has no layer', () => {
    const elsewhere = synthesize({ packaging: 'zip', modelDir: '/somewhere/model' });
    elsewhere.resourceCountIs('AWS::Lambda::LayerVersion', 0);
    expect(functionProperties(elsewhere, 'Classify')).toMatchObject({
      Environment: { Variables: { MODEL_DIR: '/somewhere/model' } },
    });
  });
});
