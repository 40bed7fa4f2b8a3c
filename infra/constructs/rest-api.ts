import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  RestApi as ApiGatewayRestApi,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  type Method,
  MethodLoggingLevel,
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

export interface RestApiProps {
  readonly settings: StackSettings;
  readonly functions: Functions;
}

/** With auth `iam`, whoever watches over the service still sees that it lives. */
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
        stageName: 'v1',
        throttlingRateLimit: settings.requestsPerSecond,
        throttlingBurstLimit: settings.requestBurst,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
        loggingLevel: MethodLoggingLevel.ERROR,
        metricsEnabled: true,
        tracingEnabled: true,
      },
    });
    acknowledgeApi(api, settings);
    return api;
  }

  #addResource(path: Resource, name: HttpFunction): void {
    const { settings } = this.#props;
    const resource = this.api.root.resourceForPath(path);
    const signed = settings.auth === 'iam' && !openResources.includes(path);
    const authorizationType = signed ? AuthorizationType.IAM : AuthorizationType.NONE;
    const method = resource.addMethod('ANY', this.#integration(name), { authorizationType });
    if (signed) acknowledgeSigned(method);
    else acknowledgeOpen(method);
    if (path !== '/{proxy+}') {
      const { allowedOrigins, auth } = settings;
      addPreflight(resource, path, { allowedOrigins, signed: auth === 'iam' });
    }
  }

  #integration(name: HttpFunction): LambdaIntegration {
    const { settings, functions } = this.#props;
    const streams = name === 'events' && settings.streaming;
    return new LambdaIntegration(functions.byName[name].lambda, {
      allowTestInvoke: false,
      ...(streams && {
        responseTransferMode: ResponseTransferMode.STREAM,
        // A buffered response has 29 s, a streamed one 15 minutes.
        timeout: Duration.seconds(timeouts.stream),
      }),
    });
  }
}

/** A browser cannot sign the request for a page: with auth `iam` there is none. */
function isServed(path: Resource, { auth }: StackSettings): boolean {
  return path !== '/' || auth === 'none';
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

function acknowledgeSigned(method: Method): void {
  acknowledge(method, {
    'AwsSolutions-COG4': 'Requests are signed by AWS identities (setting auth=iam): no user pool.',
  });
}

function acknowledgeOpen(method: Method): void {
  const reason =
    'Open to everybody by the setting auth=none (and for health checks): a job is protected by its random id.';
  acknowledge(method, { 'AwsSolutions-APIG4': reason, 'AwsSolutions-COG4': reason });
}
