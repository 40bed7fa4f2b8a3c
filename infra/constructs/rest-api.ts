import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  RestApi as ApiGatewayRestApi,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodDeploymentOptions,
  MethodLoggingLevel,
  Period,
  ResponseTransferMode,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  type HttpFunction,
  isResource,
  type Resource,
  resources,
} from '../../functions/shared/http/routes.ts';
import { acknowledge } from '../acknowledge.ts';
import type { StackSettings } from '../settings.ts';
import { type Functions, timeouts } from './functions.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import { addPreflight } from './preflight.ts';

const stageName = 'v1';

export interface RestApiProps {
  readonly settings: StackSettings;
  readonly functions: Functions;
}

/** Whoever watches over the service sees that it lives, without a signature or a key. */
const openResources: readonly Resource[] = ['/health'];

/** The HTTP API: every resource goes to its function with any method, so that what there is not is answered by our code too. */
export class RestApi extends Construct {
  readonly api: ApiGatewayRestApi;
  readonly #props: RestApiProps;

  constructor(scope: Construct, id: string, props: RestApiProps) {
    super(scope, id);
    this.#props = props;
    this.api = this.#createApi();
    for (const path of Object.keys(resources).filter(isResource)) {
      if (isServed(path, props.settings)) this.#addResource(path, resources[path]);
    }
    addGatewayResponses({ api: this.api, settings: props.settings });
    if (props.settings.auth === 'key') this.#addKey();
  }

  #createApi(): ApiGatewayRestApi {
    const { settings } = this.#props;
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const api = new ApiGatewayRestApi(this, 'Api', {
      restApiName: settings.stackName,
      endpointTypes: [EndpointType.REGIONAL],
      binaryMediaTypes: ['*/*'],
      cloudWatchRole: true,
      // Of the whole account, and other APIs log by it too: it stays when this stack goes.
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName,
        throttlingRateLimit: settings.requestsPerSecond,
        throttlingBurstLimit: settings.requestBurst,
        methodOptions: methodThrottles(settings),
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
        loggingLevel: MethodLoggingLevel.ERROR,
        metricsEnabled: true,
        tracingEnabled: true,
      },
    });
    this.#keepExecutionLog(api);
    acknowledgeApi(api, settings);
    return api;
  }

  /**
   * API Gateway makes the group itself otherwise, without an expiry, and leaves it behind.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
   */
  #keepExecutionLog(api: ApiGatewayRestApi): void {
    const log = new LogGroup(this, 'ExecutionLog', {
      logGroupName: `API-Gateway-Execution-Logs_${api.restApiId}/${stageName}`,
      retention: this.#props.settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // There before the first request, and until the last.
    api.deploymentStage.node.addDependency(log);
  }

  #addResource(path: Resource, name: HttpFunction): void {
    const { settings } = this.#props;
    const resource = this.api.root.resourceForPath(path);
    const guard = openResources.includes(path) ? 'none' : settings.auth;
    const method = resource.addMethod('ANY', this.#integration(name), {
      authorizationType: guard === 'iam' ? AuthorizationType.IAM : AuthorizationType.NONE,
      apiKeyRequired: guard === 'key',
    });
    acknowledge(method, reasons[guard]);
    if (path !== '/{proxy+}') {
      const { allowedOrigins, auth } = settings;
      addPreflight(resource, path, { allowedOrigins, auth });
    }
  }

  /** One key to begin with; `aws apigateway create-api-key` and `create-usage-plan-key` make more. */
  #addKey(): void {
    const {
      requestsPerSecond: rateLimit,
      requestBurst: burstLimit,
      keyRequestsPerDay,
    } = this.#props.settings;
    const plan = this.api.addUsagePlan('UsagePlan', {
      apiStages: [{ stage: this.api.deploymentStage }],
      throttle: { rateLimit, burstLimit },
      quota: { limit: keyRequestsPerDay, period: Period.DAY },
    });
    const key = this.api.addApiKey('Key');
    plan.addApiKey(key);
    new CfnOutput(this, 'KeyId', { value: key.keyId }).overrideLogicalId('ApiKeyId');
    new CfnOutput(this, 'PlanId', { value: plan.usagePlanId }).overrideLogicalId('UsagePlanId');
  }

  #integration(name: HttpFunction): LambdaIntegration {
    const { settings, functions } = this.#props;
    const streams = name === 'events' && settings.streaming;
    return new LambdaIntegration(functions.byName[name].target, {
      allowTestInvoke: false,
      ...(streams && {
        responseTransferMode: ResponseTransferMode.STREAM,
        // A buffered response has 29 s, a streamed one 15 minutes.
        timeout: Duration.seconds(timeouts.stream),
      }),
    });
  }
}

/** A browser that opens a page sends neither a signature nor a key: with those there are no pages. */
const pages: readonly Resource[] = ['/', '/docs'];

function isServed(path: Resource, { auth }: StackSettings): boolean {
  return !pages.includes(path) || auth === 'none';
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html */
const accessLogFields = {
  requestId: AccessLogField.contextRequestId(),
  time: AccessLogField.contextRequestTime(),
  sourceIp: AccessLogField.contextIdentitySourceIp(),
  method: AccessLogField.contextHttpMethod(),
  resource: AccessLogField.contextResourcePath(),
  status: AccessLogField.contextStatus(),
  responseLength: AccessLogField.contextResponseLength(),
  responseLatency: AccessLogField.contextResponseLatency(),
  integrationLatency: AccessLogField.contextIntegrationLatency(),
  integrationStatus: AccessLogField.contextIntegrationStatus(),
  error: AccessLogField.contextErrorResponseType(),
} as const;

function acknowledgeApi(api: ApiGatewayRestApi, { firewallRequests }: StackSettings): void {
  acknowledge(api, {
    'AwsSolutions-APIG2':
      'The functions check every request: API Gateway could not say what is wrong in a way that names the parameter.',
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
      'The role that API Gateway writes its logs by, account-wide, is defined by that policy.',
  });
  if (firewallRequests !== undefined) return;
  acknowledge(api.deploymentStage, {
    'AwsSolutions-APIG3':
      'The firewall costs by the month: it is a setting (firewallRequests), and the stage throttles.',
  });
}

/** Why the rules about authorization do not hold, by how requests are let in. */
const open =
  'Open to everybody by the setting auth=none (and for health checks): a job is protected by its random id.';
const keyed = 'Requests carry an API key (setting auth=key), which API Gateway checks: no authorizer.';
const reasons: Readonly<Record<StackSettings['auth'], Readonly<Record<string, string>>>> = {
  none: { 'AwsSolutions-APIG4': open, 'AwsSolutions-COG4': open },
  iam: { 'AwsSolutions-COG4': 'Requests are signed by AWS identities (setting auth=iam): no user pool.' },
  key: { 'AwsSolutions-APIG4': keyed, 'AwsSolutions-COG4': keyed },
};

/**
 * Throttles of single methods. API Gateway counts each method for itself: what the settings do not name has the stage's.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */
function methodThrottles(settings: StackSettings): Record<string, MethodDeploymentOptions> {
  const rates: Partial<Record<Resource, number | undefined>> = {
    '/predict': settings.predictPerSecond,
    '/status/{id}': settings.statusPerSecond,
    '/status/{id}/events': settings.streamsPerSecond,
  };
  const burst = settings.requestBurst / settings.requestsPerSecond;
  const throttles = Object.entries(rates).map(([path, rate = settings.requestsPerSecond]) => [
    `${path}/ANY`,
    { throttlingRateLimit: rate, throttlingBurstLimit: Math.ceil(rate * burst) },
  ]);
  return Object.fromEntries(throttles);
}
