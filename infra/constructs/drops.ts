import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { dropPrefix, labelsPrefix } from '../../functions/shared/object-event.ts';
import { acknowledge } from '../acknowledge.ts';
import type { BuiltAssets } from '../assets.ts';
import { reservations } from '../capacity.ts';
import { leastLabelled } from '../model-needs.ts';
import type { StackSettings } from '../settings.ts';
import type { DropQueue } from './drop-queue.ts';
import { logicalId, queueDriven } from './functions.ts';
import { ServiceFunction } from './service-function.ts';

export interface DropsProps {
  readonly settings: StackSettings;
  readonly assets: BuiltAssets;
  readonly bucket: Bucket;
  readonly queues: DropQueue;
  readonly modelLayers: readonly LayerVersion[];
}

/** Labels what anybody puts under `drop/` and into the sources: documents under `labels/`, and an event for each. */
export class Drops extends Construct {
  readonly #props: DropsProps;
  readonly label: ServiceFunction;
  readonly deadLetterQueue: IQueue;
  readonly giveUp: ServiceFunction;

  constructor(scope: Construct, id: string, props: DropsProps) {
    super(scope, id);
    this.#props = props;
    this.deadLetterQueue = props.queues.deadLetterQueue;
    this.label = this.#label();
    this.giveUp = this.#giveUp();
  }

  #label(): ServiceFunction {
    const { settings, queues, modelLayers } = this.#props;
    const reservedConcurrency = reservations(settings).label;
    const label = new ServiceFunction(this, 'Label', {
      ...this.#common(),
      name: 'label',
      packaging: settings.packaging,
      memoryMb: settings.classifyMemoryMb,
      timeoutSeconds: settings.labelTimeoutSeconds,
      environment: {
        ...this.#environment(),
        MODEL_DIR: settings.modelDir ?? '/opt/model',
      },
      layers: modelLayers,
      ...(reservedConcurrency !== undefined && { reservedConcurrency }),
    });
    this.#allowLabels(label);
    this.#allowDrops(label);
    // The halves of a run's part that took too long.
    label.allow(['sqs:SendMessage'], [queues.queue.queueArn]);
    label.target.addEventSource(
      new SqsEventSource(queues.queue, {
        batchSize: Math.min(settings.batchSize, leastLabelled),
        maxConcurrency: settings.dropConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    return label;
  }

  #giveUp(): ServiceFunction {
    const { settings, queues } = this.#props;
    const giveUp = new ServiceFunction(this, 'GiveUp', {
      ...this.#common(),
      name: 'label-give-up',
      packaging: 'zip',
      memoryMb: settings.httpMemoryMb,
      timeoutSeconds: 30,
      environment: this.#environment(),
    });
    this.#allowLabels(giveUp);
    const source = { batchSize: 10, reportBatchItemFailures: true };
    giveUp.target.addEventSource(new SqsEventSource(queues.deadLetterQueue, source));
    return giveUp;
  }

  #common() {
    const { settings, assets } = this.#props;
    return { settings, assets, released: settings.gradualReleases };
  }

  #environment(): Record<string, string> {
    const { settings, bucket, queues } = this.#props;
    return {
      BUCKET_NAME: bucket.bucketName,
      QUEUE_URL: queues.queue.queueUrl,
      OTHER_FILES: settings.otherFiles,
    };
  }

  /** To read and write documents, and to tell of them. */
  #allowLabels(target: ServiceFunction): void {
    const { bucket } = this.#props;
    target.allow(['s3:GetObject', 's3:PutObject'], [bucket.arnForObjects(`${labelsPrefix}*`)]);
    this.#allowListing(target, bucket.bucketArn, labelsPrefix);
    const bus = Stack.of(this).formatArn({
      service: 'events',
      resource: 'event-bus',
      resourceName: 'default',
    });
    target.allow(['events:PutEvents'], [bus]);
    const anyKey = 'The keys are whatever people name their objects: the rights end at the prefix.';
    acknowledge(target, {
      ...queueDriven,
      [`AwsSolutions-IAM5[Resource::<${logicalId(bucket)}.Arn>/${labelsPrefix}*]`]: anyKey,
    });
  }

  /** To read what was dropped, and nothing else of any bucket. */
  #allowDrops(label: ServiceFunction): void {
    const { bucket, settings } = this.#props;
    const read = ['s3:GetObject', 's3:GetObjectVersion'];
    const anyKey = 'The keys are whatever people name their objects: the rights end at the prefix.';
    label.allow(read, [bucket.arnForObjects(`${dropPrefix}*`)]);
    this.#allowListing(label, bucket.bucketArn, dropPrefix);
    acknowledge(label, {
      [`AwsSolutions-IAM5[Resource::<${logicalId(bucket)}.Arn>/${dropPrefix}*]`]: anyKey,
    });
    for (const { bucket: name, prefix } of settings.sources) {
      const arn = `arn:${Aws.PARTITION}:s3:::${name}`;
      label.allow(read, [`${arn}/${prefix}*`]);
      this.#allowListing(label, arn, prefix);
      acknowledge(label, {
        [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${name}/${prefix}*]`]: anyKey,
      });
    }
    if (settings.sourceKeys.length > 0) label.allow(['kms:Decrypt'], settings.sourceKeys);
  }

  /** Without it S3 answers 403 for an object that is not there, which says nothing. */
  #allowListing(target: ServiceFunction, arn: string, prefix: string): void {
    target.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [arn],
        ...(prefix !== '' && { conditions: { StringLike: { 's3:prefix': `${prefix}*` } } }),
      }),
    );
  }
}
