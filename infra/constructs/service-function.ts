import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  Code,
  DockerImageCode,
  DockerImageFunction,
  type IFunction,
  type ILayerVersion,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { type BuiltAssets, type FunctionName, functionNames, layoutOf } from '../assets.ts';
import { pinnedImage } from '../base-image.ts';
import type { StackSettings } from '../settings.ts';

export interface ServiceFunctionProps {
  readonly settings: Pick<StackSettings, 'stackName' | 'architecture' | 'logRetentionDays'>;
  readonly assets: BuiltAssets;
  readonly name: FunctionName;
  readonly packaging: StackSettings['packaging'];
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** How many calls Lambda keeps for it, and the most at once. */
  readonly reservedConcurrency?: number;
  /** Whether callers reach it through an alias, which CodeDeploy moves from version to version. */
  readonly released?: boolean;
  /** How many calls are kept started; through the alias. */
  readonly provisionedConcurrency?: number;
  readonly layers?: readonly ILayerVersion[];
}

/**
 * One Lambda function with a role and a log group of its own. The role may write to that log group and send traces, and nothing
 * else until it is granted.
 */
export class ServiceFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly name: FunctionName;
  readonly alias: Alias | undefined;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${props.settings.stackName}-${props.name}`,
      retention: retention(props.settings.logRetentionDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    this.lambda = this.#createFunction(props, logGroup);
    this.name = props.name;
    this.alias = this.#createAlias(props);
    acknowledge(this.role, { 'AwsSolutions-IAM5[Resource::*]': tracing });
  }

  /** What callers invoke. */
  get target(): IFunction {
    // CDK's class implements the interface; only `exactOptionalPropertyTypes` tells `undefined` from absent.
    return this.alias === undefined ? this.lambda : (this.alias as IFunction);
  }

  /** Grants what the AWS SDK's calls need, on named resources. */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }

  #createAlias({ released = false, provisionedConcurrency }: ServiceFunctionProps): Alias | undefined {
    if (!released && provisionedConcurrency === undefined) return undefined;
    return new Alias(this, 'Live', {
      aliasName: 'live',
      // As in `target`.
      version: this.lambda.currentVersion as IVersion,
      ...(provisionedConcurrency !== undefined && {
        provisionedConcurrentExecutions: provisionedConcurrency,
      }),
    });
  }

  #createFunction(props: ServiceFunctionProps, logGroup: LogGroup): LambdaFunction {
    const { settings, assets, name } = props;
    // No name: one that is set would stand in the way of its replacement, and packaging cannot be changed without.
    const common = {
      architecture: settings.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
      environment: {
        STACK_NAME: settings.stackName,
        NODE_OPTIONS: '--enable-source-maps',
        ...props.environment,
      },
      role: this.role,
      logGroup,
      tracing: Tracing.ACTIVE,
      // A rollback goes to the version before: it must still be there.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    };
    if (props.packaging === 'container') {
      return new DockerImageFunction(this, 'Function', { ...common, code: imageCode(props) });
    }
    return new LambdaFunction(this, 'Function', {
      ...common,
      runtime: Runtime.NODEJS_24_X,
      handler: `${layoutOf(name).module}.handler`,
      code: Code.fromAsset(assets.functionDir(name)),
      layers: [...(props.layers ?? [])],
    });
  }
}

const tracing =
  'X-Ray takes traces without naming a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html';

function imageCode({ settings, assets, name }: ServiceFunctionProps): DockerImageCode {
  const { folder, module } = layoutOf(name);
  const others = functionNames.map((other) => layoutOf(other).folder).filter((other) => other !== folder);
  const pinned = pinnedImage();
  return DockerImageCode.fromImageAsset(assets.dir, {
    platform: settings.architecture === 'arm64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
    ...(pinned !== undefined && { buildArgs: { BASE_IMAGE: pinned } }),
    // An image must not be made anew because another function has changed.
    exclude: others,
    cmd: [`${module}.handler`],
  });
}

/** The settings admit only what CloudWatch Logs takes, and CDK's enum is made of the same numbers. */
function retention(days: number): RetentionDays {
  return days;
}
