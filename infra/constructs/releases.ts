import { type Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { keyPrefixes } from '../../functions/shared/object-event.ts';
import { acknowledge } from '../acknowledge.ts';
import type { BuiltAssets, FunctionName } from '../assets.ts';
import { mostSeconds } from '../model-needs.ts';
import type { StackSettings } from '../settings.ts';
import type { Drops } from './drops.ts';
import { anyImage, type Functions, logicalId } from './functions.ts';
import { versionFailures } from './metrics.ts';
import { ServiceFunction } from './service-function.ts';

export interface ReleasesProps {
  readonly settings: StackSettings;
  readonly assets: BuiltAssets;
  readonly functions: Functions;
  /** Where the setting `drops` is on. */
  readonly drops?: Drops;
  readonly table: Table;
  readonly bucket: Bucket;
}

/** More failures than this in a minute, and the release is rolled back. One or two may be an image's fault. */
const tolerated = 2;

/**
 * Moves traffic to a new version step by step: a tenth for five minutes, then all of it, and back where the version fails. Before
 * any traffic moves to a new classify function, a picture goes through it.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-lambda.html
 */
export class Releases extends Construct {
  readonly #props: ReleasesProps;

  constructor(scope: Construct, id: string, props: ReleasesProps) {
    super(scope, id);
    this.#props = props;
    const application = new LambdaApplication(this, 'Application');
    const { functions, drops } = props;
    const released = [...Object.values(functions.byName), ...(drops ? [drops.label, drops.giveUp] : [])];
    for (const { name, alias } of released) {
      if (alias === undefined) throw new Error(`The function ${name} has no alias.`);
      this.#group(application, name, alias);
    }
  }

  #group(application: LambdaApplication, name: FunctionName, alias: Alias): void {
    const check = name === 'classify' ? this.#check(alias).lambda : undefined;
    const group = new LambdaDeploymentGroup(this, name, {
      application,
      alias,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms: [this.#alarm(name, alias)],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
      ...(check && { preHook: check }),
    });
    acknowledge(group, {
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]':
        'CodeDeploy defines what moving the traffic of a function takes.',
      ...(check && {
        [`AwsSolutions-IAM5[Resource::<${logicalId(check)}.Arn>:*]`]:
          'CodeDeploy calls the check, whatever its version.',
      }),
    });
  }

  #alarm(name: FunctionName, { version }: Alias): Alarm {
    return versionFailures(this.#props.settings, name, version).createAlarm(this, `${name}Failures`, {
      alarmDescription: `Version of ${name} that is being released fails: CodeDeploy rolls it back`,
      threshold: tolerated,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  #check({ version }: Alias): ServiceFunction {
    const { settings, assets, table, bucket } = this.#props;
    const check = new ServiceFunction(this, 'Check', {
      settings,
      assets,
      name: 'release-check',
      packaging: 'zip',
      memoryMb: settings.httpMemoryMb,
      timeoutSeconds: Math.min(settings.classifyTimeoutSeconds + 30, mostSeconds),
      environment: {
        TABLE_NAME: table.tableName,
        BUCKET_NAME: bucket.bucketName,
        VERSION_ARN: version.functionArn,
      },
    });
    check.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]);
    check.allow(['s3:PutObject', 's3:DeleteObject'], [bucket.arnForObjects(`${keyPrefixes.inline}*`)]);
    check.allow(['lambda:InvokeFunction'], [version.functionArn]);
    acknowledge(check, {
      'Serverless-LambdaDLQ': 'CodeDeploy calls it, and rolls back where it does not answer.',
      [`AwsSolutions-IAM5[Resource::<${logicalId(bucket)}.Arn>/${keyPrefixes.inline}*]`]: anyImage,
    });
    return check;
  }
}
