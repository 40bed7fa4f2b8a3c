import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, HttpMethods } from 'aws-cdk-lib/aws-s3';
import type { CfnQueuePolicy, IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { dropPrefix, keyPrefixes } from '../../functions/shared/object-event.ts';
import { acknowledge } from '../acknowledge.ts';
import type { StackSettings } from '../settings.ts';

export interface ImageBucketProps {
  readonly settings: Pick<StackSettings, 'stackName' | 'allowedOrigins' | 'retentionSeconds' | 'keepData'>;
  /** Where an uploaded image is announced. */
  readonly queue: IQueue;
  /** Lets the bucket send to the queue; S3 tries this when the notification is made, so the policy must be there first. */
  readonly queuePolicy: CfnQueuePolicy;
  /** Where objects under `drop/` are announced, and the policy that allows it. */
  readonly drops?: { readonly queue: IQueue; readonly policy: CfnQueuePolicy };
}

/**
 * The bucket's name is known before it is made: the queue's policy names the bucket, and the bucket waits for that policy.
 * Names are shared by everybody, so it has the account and the region.
 */
export function imageBucketName({ stackName }: Pick<StackSettings, 'stackName'>): string {
  return `${stackName}-images-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
}

/** The images, until their retention is over. Those that a client uploads itself are announced to the queue. */
export class ImageBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { settings, queue, queuePolicy, drops }: ImageBucketProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Images', {
      bucketName: imageBucketName(settings),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: false,
      cors: [
        {
          allowedMethods: [HttpMethods.POST],
          allowedOrigins: settings.allowedOrigins,
          allowedHeaders: ['*'],
          maxAge: Duration.hours(2).toSeconds(),
        },
      ],
      lifecycleRules: [
        // Images of jobs alone: what is dropped, and its labels, are kept. Days are the smallest unit; S3 deletes in the night after.
        ...Object.values(keyPrefixes).map((prefix) => ({
          prefix,
          expiration: Duration.days(Math.ceil(settings.retentionSeconds / Duration.days(1).toSeconds())),
        })),
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      // Emptied by hand first (docs/operations.md): CDK's own function for it may delete any object, and fails on emulators.
      removalPolicy: settings.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    announce(bucket, [
      { prefix: keyPrefixes.presigned, queue, policy: queuePolicy },
      ...(drops === undefined ? [] : [{ prefix: dropPrefix, ...drops }]),
    ]);
    acknowledge(bucket, {
      'AwsSolutions-S1':
        'Images live for a day and only the functions read them; who wants each access on record has CloudTrail data events.',
    });
    this.bucket = bucket;
  }
}

/** A queue that is told of the objects under a prefix; its policy must be there first. */
interface Listener {
  readonly prefix: string;
  readonly queue: IQueue;
  readonly policy: CfnQueuePolicy;
}

/**
 * CloudFormation's own property: `addEventNotification` of CDK would bring a function with the right to change any bucket.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-queueconfiguration.html
 */
function announce(bucket: Bucket, listeners: readonly Listener[]): void {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new Error('The bucket is no CfnBucket.');
  resource.notificationConfiguration = {
    queueConfigurations: listeners.map(({ prefix, queue }) => ({
      event: 's3:ObjectCreated:*',
      queue: queue.queueArn,
      filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } },
    })),
  };
  for (const { policy } of listeners) resource.addResourceDependency(policy);
}
