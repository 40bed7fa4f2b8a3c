import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { synthesize } from '../support/aws/synthesize.ts';

const template = synthesize({ allowedOrigins: 'https://a.example', retentionSeconds: 100_000 });

describe('the image bucket', () => {
  test('is private, encrypted, without versions, and goes with the stack', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Delete',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        VersioningConfiguration: Match.absent(),
      },
    });
  });

  test('takes nothing without TLS', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ],
      },
    });
  });

  test('lets pages of the allowed origins post, and no more', () => {
    const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
    expect(bucket?.Properties.CorsConfiguration.CorsRules).toEqual([
      expect.objectContaining({ AllowedMethods: ['POST'], AllowedOrigins: ['https://a.example'] }),
    ]);
  });

  test('deletes images of jobs after the retention, in whole days, and keeps what was dropped', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({ Prefix: 'inline/', ExpirationInDays: 2, Status: 'Enabled' }),
          Match.objectLike({ Prefix: 'uploads/', ExpirationInDays: 2, Status: 'Enabled' }),
          { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
        ],
      },
    });
  });

  test('announces uploads and drops, each to their queue, by its own property and once it may', () => {
    const policies = Object.keys(
      template.findResources('AWS::SQS::QueuePolicy', {
        Properties: {
          PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'AllowImageBucket' })]) },
        },
      }),
    );
    template.hasResource('AWS::S3::Bucket', {
      DependsOn: policies.sort(),
      Properties: {
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Event: 's3:ObjectCreated:*',
              Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'uploads/' }] } },
            },
            {
              Event: 's3:ObjectCreated:*',
              Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'drop/' }] } },
            },
          ],
        },
      },
    });
    expect(Object.keys(template.findResources('Custom::S3BucketNotifications'))).toEqual([]);
  });
});

describe('the queue', () => {
  test('takes messages of this bucket and this account alone', () => {
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'AllowImageBucket',
            Action: 'sqs:SendMessage',
            Principal: { Service: 's3.amazonaws.com' },
            Condition: {
              ArnEquals: {
                'aws:SourceArn': {
                  'Fn::Join': ['', Match.arrayWith([':s3:::label-on-upload-images-'])],
                },
              },
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            },
          }),
        ]),
      },
    });
  });

  test('gives a message up after its receives, to a queue that keeps it for 14 days', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 180,
      RedrivePolicy: Match.objectLike({ maxReceiveCount: 1000 }),
      SqsManagedSseEnabled: true,
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 14 * 24 * 3600,
      RedrivePolicy: Match.absent(),
      SqsManagedSseEnabled: true,
    });
  });

  test('has functions that name the items of a batch that failed', () => {
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 4);
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 5,
      ScalingConfig: { MaximumConcurrency: 50 },
    });
  });
});

test('keeps jobs in a table on demand that forgets them by itself and has a stream', () => {
  template.hasResourceProperties('AWS::DynamoDB::Table', {
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  });
});

test('indexes failed jobs by time, by keys alone: other jobs have no part in it', () => {
  template.hasResourceProperties('AWS::DynamoDB::Table', {
    GlobalSecondaryIndexes: [
      {
        IndexName: 'failed-jobs',
        KeySchema: [
          { AttributeName: 'failedShard', KeyType: 'HASH' },
          { AttributeName: 'finishedAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });
});

describe('keepData', () => {
  const kinds = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket'];

  test.each(kinds)('leaves %s when the stack is deleted, and only where it is set', (kind) => {
    for (const [keepData, policy] of [
      [true, 'Retain'],
      [false, 'Delete'],
    ]) {
      synthesize({ keepData }).hasResource(kind, { DeletionPolicy: policy, UpdateReplacePolicy: policy });
    }
  });
});

test('pointInTimeRecovery keeps 35 days of the table, where it is set', () => {
  for (const enabled of [true, false]) {
    synthesize({ pointInTimeRecovery: enabled }).hasResourceProperties('AWS::DynamoDB::Table', {
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: enabled },
    });
  }
});
