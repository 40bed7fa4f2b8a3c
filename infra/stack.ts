import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { BuiltAssets } from './assets.ts';
import { Alarms } from './constructs/alarms.ts';
import { Canary } from './constructs/canary.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { DropQueue } from './constructs/drop-queue.ts';
import { Drops } from './constructs/drops.ts';
import { Firewall } from './constructs/firewall.ts';
import { Functions, timeouts } from './constructs/functions.ts';
import { ImageBucket, imageBucketName } from './constructs/image-bucket.ts';
import { JobEvents } from './constructs/job-events.ts';
import { JobQueue } from './constructs/job-queue.ts';
import { JobTable } from './constructs/job-table.ts';
import { Releases } from './constructs/releases.ts';
import { RestApi } from './constructs/rest-api.ts';
import type { StackSettings } from './settings.ts';

export interface ServiceStackProps extends StackProps {
  readonly settings: StackSettings;
  readonly assets: BuiltAssets;
}

/** The whole service: an image lands in the bucket, and that starts its classification. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { settings, assets, ...props }: ServiceStackProps) {
    super(scope, id, props);
    const { queue, deadLetterQueue, policy } = new JobQueue(this, 'JobQueue', {
      settings,
      bucketName: imageBucketName(settings),
      deadLetterTimeoutSeconds: timeouts.deadLetter,
    });
    const dropQueues = settings.drops
      ? new DropQueue(this, 'DropQueue', { settings, bucketName: imageBucketName(settings) })
      : undefined;
    const { bucket } = new ImageBucket(this, 'ImageBucket', {
      settings,
      queue,
      queuePolicy: policy,
      ...(dropQueues && { drops: dropQueues }),
    });
    const { table } = new JobTable(this, 'JobTable', { settings });
    const functions = new Functions(this, 'Functions', {
      settings,
      assets,
      table,
      bucket,
      queue,
      deadLetterQueue,
    });
    let drops: Drops | undefined;
    if (dropQueues !== undefined) {
      const { modelLayers } = functions;
      new CfnOutput(this, 'DropQueueUrl', { value: dropQueues.queue.queueUrl });
      drops = new Drops(this, 'Drops', { settings, assets, bucket, queues: dropQueues, modelLayers });
    }
    const { api } = new RestApi(this, 'RestApi', { settings, functions });
    const jobEvents = settings.events ? new JobEvents(this, 'JobEvents', { settings, table }) : undefined;
    const canary = settings.canary
      ? new Canary(this, 'Canary', { settings, assets, url: api.url })
      : undefined;
    if (settings.gradualReleases)
      new Releases(this, 'Releases', { settings, assets, functions, table, bucket, ...(drops && { drops }) });
    const alarms = new Alarms(this, 'Alarms', {
      settings,
      functions,
      queue,
      deadLetterQueue,
      table,
      api,
      ...(drops && { drops }),
      ...(jobEvents && { jobEvents }),
      ...(canary && { canary }),
    });
    new Dashboard(this, 'Dashboard', { settings, functions, queue, deadLetterQueue, api, alarms });
    const { firewallRequests: requests } = settings;
    if (requests !== undefined)
      new Firewall(this, 'Firewall', { settings, stage: api.deploymentStage, requests });
    // What `npm run redrive` and the tests look for.
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'BucketName', { value: bucket.bucketName });
    new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: deadLetterQueue.queueUrl });
    new CfnOutput(this, 'RestApiId', { value: api.restApiId });
    new CfnOutput(this, 'ClassifyFunctionName', { value: functions.byName.classify.lambda.functionName });
    new CfnOutput(this, 'Url', { value: api.url });
  }
}
