import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { type CfnQueuePolicy, type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Source, StackSettings } from '../settings.ts';
import { allowBucket, policyOf } from './job-queue.ts';

export interface DropQueueProps {
  readonly settings: Pick<StackSettings, 'sources' | 'labelTimeoutSeconds'>;
  /** The service's own bucket. */
  readonly bucketName: string;
}

/** Deliveries, each after a longer wait: together they outlast ten minutes without storage. */
const mostReceives = 8;

/** The queue of objects that somebody put into storage, here or in the sources, and the one that takes what could not be labelled. */
export class DropQueue extends Construct {
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  /** Lets the own bucket send. */
  readonly policy: CfnQueuePolicy;

  constructor(scope: Construct, id: string, { settings, bucketName }: DropQueueProps) {
    super(scope, id);
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    };
    const visibilityTimeout = Duration.seconds(6 * settings.labelTimeoutSeconds);
    const deadLetterQueue = new Queue(this, 'DeadLetters', { ...common, visibilityTimeout });
    acknowledge(deadLetterQueue, {
      'Serverless-SQSRedrivePolicy': 'It is the end: what its function cannot take stays for 14 days.',
    });
    const queue = new Queue(this, 'Drops', {
      ...common,
      visibilityTimeout,
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: mostReceives },
    });
    queue.addToResourcePolicy(allowBucket(bucketName, queue));
    settings.sources.forEach((source, index) => {
      this.#listen(source, index, queue, deadLetterQueue);
    });
    this.queue = queue;
    this.deadLetterQueue = deadLetterQueue;
    this.policy = policyOf(queue);
  }

  /**
   * The bucket sends its events to EventBridge once that is turned on in it (docs/own-bucket.md).
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
   */
  #listen({ bucket, prefix }: Source, index: number, queue: IQueue, deadLetterQueue: IQueue): void {
    const rule = new Rule(this, `Source${index}`, {
      description: `Objects that land in s3://${bucket}/${prefix}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [bucket] },
          ...(prefix !== '' && { object: { key: [{ prefix }] } }),
        },
      },
    });
    rule.addTarget(new SqsQueue(queue, { deadLetterQueue }));
  }
}
