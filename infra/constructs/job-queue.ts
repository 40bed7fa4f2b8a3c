import { Aws, Duration } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnQueuePolicy, type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { limits } from '../../functions/shared/limits.ts';
import { acknowledge } from '../acknowledge.ts';
import type { StackSettings } from '../settings.ts';

export interface JobQueueProps {
  readonly settings: Pick<StackSettings, 'visibilitySeconds'>;
  /** The one bucket that may send messages. */
  readonly bucketName: string;
  /** The dead-letter function's time-out in seconds. */
  readonly deadLetterTimeoutSeconds: number;
}

/** The queue of images to classify, and the one that takes those which were delivered as often as they may. */
export class JobQueue extends Construct {
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  /** Lets the bucket send. */
  readonly policy: CfnQueuePolicy;

  constructor(scope: Construct, id: string, props: JobQueueProps) {
    super(scope, id);
    const { settings, bucketName, deadLetterTimeoutSeconds } = props;
    const deadLetterQueue = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      visibilityTimeout: Duration.seconds(6 * deadLetterTimeoutSeconds),
    });
    acknowledge(deadLetterQueue, {
      'Serverless-SQSRedrivePolicy':
        'It is the end: what its function cannot take in stays for 14 days, with an alarm.',
    });
    const queue = new Queue(this, 'Images', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
      visibilityTimeout: Duration.seconds(settings.visibilitySeconds),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: limits.maxReceives },
    });
    queue.addToResourcePolicy(allowBucket(bucketName, queue));
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;
    this.policy = policyOf(queue);
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html */
export function allowBucket(bucketName: string, queue: IQueue): PolicyStatement {
  return new PolicyStatement({
    sid: 'AllowImageBucket',
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal('s3.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: {
      ArnEquals: { 'aws:SourceArn': `arn:${Aws.PARTITION}:s3:::${bucketName}` },
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    },
  });
}

/** @throws {Error} where nothing has been allowed yet. */
export function policyOf(queue: Queue): CfnQueuePolicy {
  const policy = queue.node.findAll().find((child) => child instanceof CfnQueuePolicy);
  if (policy === undefined) throw new Error('The queue has no policy.');
  return policy;
}
