import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { JobStatus } from '../../functions/shared/job.ts';
import { acknowledge } from '../acknowledge.ts';
import type { StackSettings } from '../settings.ts';

export interface JobEventsProps {
  readonly settings: Pick<StackSettings, 'stackName' | 'logRetentionDays'>;
  readonly table: Table;
}

/** What subscribers match on, with the stack's name as source. */
export const jobEventType = 'Job ended';

/** States that are stored when a job has ended; `expired` is only ever read, from the deadline. */
const endedStates: readonly JobStatus[] = ['succeeded', 'failed'];

/**
 * Announces ended jobs on the account's event bus, without code: an EventBridge pipe from the table's stream.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html
 */
export class JobEvents extends Construct {
  readonly pipeName: string;
  /** Where the stream's records stand (shard and sequence number) that could not be announced. */
  readonly deadLetterQueue: IQueue;

  constructor(scope: Construct, id: string, { settings, table }: JobEventsProps) {
    super(scope, id);
    this.pipeName = `${settings.stackName}-job-events`;
    this.deadLetterQueue = this.#createDeadLetterQueue();
    const bus = EventBus.fromEventBusName(this, 'Bus', 'default');
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('pipes.amazonaws.com') });
    role.addToPolicy(readStream(table));
    bus.grantPutEventsTo(role);
    this.deadLetterQueue.grantSendMessages(role);
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/aws/vendedlogs/pipes/${this.pipeName}`,
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const pipe = new CfnPipe(this, 'Pipe', {
      name: this.pipeName,
      description: 'Jobs that have ended, from the job table to the event bus',
      roleArn: role.roleArn,
      source: streamOf(table),
      sourceParameters: {
        dynamoDbStreamParameters: {
          startingPosition: 'LATEST',
          batchSize: 10,
          // An announcement that cannot be made must not hold up the others for ever.
          maximumRetryAttempts: 10,
          maximumRecordAgeInSeconds: 3600,
          deadLetterConfig: { arn: this.deadLetterQueue.queueArn },
        },
        filterCriteria: { filters: [{ pattern: JSON.stringify(endedJobs) }] },
      },
      target: bus.eventBusArn,
      targetParameters: {
        eventBridgeEventBusParameters: { source: settings.stackName, detailType: jobEventType },
        inputTemplate: detailTemplate,
      },
      logConfiguration: { level: 'ERROR', cloudwatchLogsLogDestination: { logGroupArn: logArn(log) } },
    });
    pipe.node.addDependency(role);
  }

  #createDeadLetterQueue(): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(queue, {
      'AwsSolutions-SQS3': 'It is the dead-letter queue of the pipe, which names it in its own settings.',
      'Serverless-SQSRedrivePolicy': 'It is the end: what stays here has an alarm.',
    });
    return queue;
  }
}

/** Rows of idempotency keys have no status; what time to live deletes has no new image. */
const endedJobs = {
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: { NewImage: { status: { S: endedStates } } },
};

/** A job's id is the right to see it: the event carries no more than what leads to the status document. */
const detailTemplate = JSON.stringify({
  id: '<$.dynamodb.NewImage.id.S>',
  status: '<$.dynamodb.NewImage.status.S>',
  version: '<$.dynamodb.NewImage.version.N>',
  finishedAt: '<$.dynamodb.NewImage.finishedAt.S>',
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html#eb-pipes-dynamodb-execution-role-permissions */
function readStream(table: Table): PolicyStatement {
  const calls = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
  return new PolicyStatement({
    actions: calls.map((call) => `dynamodb:${call}`),
    resources: [streamOf(table)],
  });
}

function streamOf(table: Table): string {
  if (table.tableStreamArn === undefined) throw new Error('The job table has no stream.');
  return table.tableStreamArn;
}

/** Pipes take the group's name without the `:*` that CloudFormation's attribute ends with. */
function logArn(log: LogGroup): string {
  return Stack.of(log).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: log.logGroupName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
