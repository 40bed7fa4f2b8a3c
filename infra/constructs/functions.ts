import { CfnElement, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Architecture, Code, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { limits } from '../../functions/shared/limits.ts';
import { keyPrefixes } from '../../functions/shared/object-event.ts';
import { environmentName, type ServiceSettings } from '../../functions/shared/settings.ts';
import { acknowledge } from '../acknowledge.ts';
import type { BuiltAssets, ServiceFunctionName } from '../assets.ts';
import { provisions, reservations } from '../capacity.ts';
import { modelNames } from '../model-names.ts';
import type { StackSettings } from '../settings.ts';
import { ServiceFunction, type ServiceFunctionProps } from './service-function.ts';

export interface FunctionsProps {
  readonly settings: StackSettings;
  readonly assets: BuiltAssets;
  readonly table: Table;
  readonly bucket: Bucket;
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
}

/** Seconds. */
export const timeouts = {
  /** API Gateway waits for 29 s; a function that ends before can still say why. */
  http: 28,
  /** A stream's greatest length, and time to end it. */
  stream: limits.eventStreamSeconds + 10,
  deadLetter: 30,
} as const;

/** Every function with exactly the rights its work takes. */
export class Functions extends Construct {
  readonly #props: FunctionsProps;
  /** The model, where functions that classify do not bring it themselves. */
  readonly modelLayers: readonly LayerVersion[];
  readonly byName: Readonly<Record<ServiceFunctionName, ServiceFunction>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.#props = props;
    const { packaging, modelDir } = props.settings;
    this.modelLayers = packaging === 'zip' && modelDir === undefined ? [this.#modelLayer()] : [];
    this.byName = {
      upload: this.#upload(),
      status: this.#status(),
      events: this.#events(),
      site: this.#site(),
      classify: this.#classify(),
      'dead-letter': this.#deadLetter(),
    };
  }

  #upload(): ServiceFunction {
    const { table, queue, assets } = this.#props;
    const upload = this.#http('Upload', 'upload', timeouts.http, {
      MODEL_NAMES: modelNames(assets.layerDir).join(),
    });
    upload.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [table.tableArn]);
    // A form that this function signs can do no more than this function.
    this.#allowImages(upload, ['s3:PutObject']);
    upload.allow(['sqs:SendMessage'], [queue.queueArn]);
    return upload;
  }

  #status(): ServiceFunction {
    const status = this.#http('Status', 'status', timeouts.http);
    status.allow(['dynamodb:GetItem', 'dynamodb:DeleteItem'], [this.#props.table.tableArn]);
    this.#allowImages(status, ['s3:DeleteObject']);
    return status;
  }

  #events(): ServiceFunction {
    const { streaming } = this.#props.settings;
    const events = this.#http('Events', 'events', streaming ? timeouts.stream : timeouts.http, {
      STREAMING: String(streaming),
    });
    events.allow(['dynamodb:GetItem'], [this.#props.table.tableArn]);
    return events;
  }

  /** The page and the documents need nothing but the function's own folder. */
  #site(): ServiceFunction {
    const { settings, bucket } = this.#props;
    const uploadOrigin = settings.uploadOrigin ?? `https://${bucket.bucketRegionalDomainName}`;
    return this.#http('Site', 'site', timeouts.http, { MODEL_DIR: 'model', UPLOAD_ORIGINS: uploadOrigin });
  }

  #classify(): ServiceFunction {
    const { settings, table, bucket, queue } = this.#props;
    const classify = this.#create('Classify', {
      name: 'classify',
      packaging: settings.packaging,
      memoryMb: settings.classifyMemoryMb,
      timeoutSeconds: settings.classifyTimeoutSeconds,
      environment: { ...this.#environment(), MODEL_DIR: settings.modelDir ?? '/opt/model' },
      layers: this.modelLayers,
    });
    classify.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [table.tableArn]);
    this.#allowImages(classify, ['s3:GetObject', 's3:DeleteObject']);
    // Without it S3 answers 403 for an image that is not there, and that would be tried again.
    classify.allow(['s3:ListBucket'], [bucket.bucketArn]);
    classify.target.addEventSource(
      new SqsEventSource(queue, {
        batchSize: settings.batchSize,
        maxConcurrency: settings.maxConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    acknowledge(classify, queueDriven);
    return classify;
  }

  #deadLetter(): ServiceFunction {
    const { settings, table, deadLetterQueue } = this.#props;
    const deadLetter = this.#create('DeadLetter', {
      name: 'dead-letter',
      packaging: 'zip',
      memoryMb: settings.httpMemoryMb,
      timeoutSeconds: timeouts.deadLetter,
      environment: this.#environment(),
    });
    deadLetter.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [table.tableArn]);
    this.#allowImages(deadLetter, ['s3:DeleteObject']);
    deadLetter.target.addEventSource(
      new SqsEventSource(deadLetterQueue, { batchSize: 10, reportBatchItemFailures: true }),
    );
    acknowledge(deadLetter, queueDriven);
    return deadLetter;
  }

  #http(
    id: string,
    name: ServiceFunctionName,
    timeoutSeconds: number,
    environment: Readonly<Record<string, string>> = {},
  ): ServiceFunction {
    const created = this.#create(id, {
      name,
      packaging: 'zip',
      memoryMb: this.#props.settings.httpMemoryMb,
      timeoutSeconds,
      environment: { ...this.#environment(), ...environment },
    });
    acknowledge(created, requestDriven);
    return created;
  }

  #create(
    id: string,
    props: Omit<ServiceFunctionProps, 'settings' | 'assets'> & { readonly name: ServiceFunctionName },
  ): ServiceFunction {
    const { settings, assets } = this.#props;
    const reservedConcurrency = reservations(settings)[props.name];
    const provisionedConcurrency = provisions(settings)[props.name];
    return new ServiceFunction(this, id, {
      settings,
      assets,
      ...props,
      ...(reservedConcurrency !== undefined && { reservedConcurrency }),
      released: settings.gradualReleases,
      ...(provisionedConcurrency !== undefined && { provisionedConcurrency }),
    });
  }

  #modelLayer(): LayerVersion {
    const { settings, assets } = this.#props;
    return new LayerVersion(this, 'Model', {
      layerVersionName: `${settings.stackName}-model`,
      code: Code.fromAsset(assets.layerDir),
      compatibleArchitectures: [Architecture.ARM_64, Architecture.X86_64],
      description: 'What layers/model built: network, kernels, labels',
    });
  }

  #environment(): Record<string, string> {
    const { settings, table, bucket, queue } = this.#props;
    const service: Record<keyof ServiceSettings, string> = {
      allowedOrigins: settings.allowedOrigins.join(','),
      inlineImageBytes: String(settings.inlineImageBytes),
      uploadedImageBytes: String(settings.uploadedImageBytes),
      uploadFormSeconds: String(settings.uploadFormSeconds),
      retentionSeconds: String(settings.retentionSeconds),
      maxTries: String(settings.maxTries),
      visibilitySeconds: String(settings.visibilitySeconds),
      largeJpegs: settings.largeJpegs,
    };
    const named = Object.entries(service).map(([name, value]) => [environmentName(name), value]);
    return {
      TABLE_NAME: table.tableName,
      BUCKET_NAME: bucket.bucketName,
      QUEUE_URL: queue.queueUrl,
      ...Object.fromEntries(named),
    };
  }

  /** Images of both ways in, and nothing else that may lie in the bucket one day. */
  #allowImages(target: ServiceFunction, actions: readonly string[]): void {
    const { bucket } = this.#props;
    for (const prefix of Object.values(keyPrefixes)) {
      target.allow(actions, [bucket.arnForObjects(`${prefix}*`)]);
      acknowledge(target, {
        [`AwsSolutions-IAM5[Resource::<${logicalId(bucket)}.Arn>/${prefix}*]`]: anyImage,
      });
    }
  }
}

/** @throws {Error} where the construct is no resource of a stack. */
export function logicalId(construct: Construct): string {
  const resource = construct.node.defaultChild;
  if (!(resource instanceof CfnElement)) throw new Error(`${construct.node.path} is no resource of a stack.`);
  return Stack.of(construct).getLogicalId(resource);
}

export const anyImage = 'An image has a random name: the rights end at the two prefixes that images have.';

const requestDriven = {
  'Serverless-LambdaDLQ':
    'API Gateway calls it and waits: a failure is the answer, and nothing is left in a queue.',
} as const;

export const queueDriven = {
  'Serverless-LambdaDLQ': 'The queue that feeds it has the dead-letter queue.',
  'Serverless-LambdaEventSourceMappingDestination':
    'Of a queue there is no such thing: its own redrive policy takes what fails.',
} as const;
