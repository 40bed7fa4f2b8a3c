import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { bodyBytes, type HttpEvent } from '../../functions/shared/http/request.ts';
import type { RouteMatch } from './router.ts';

/** API Gateway's time-out for a REST API's integration, in milliseconds. */
const integrationMilliseconds = 29_000;

/**
 * The request as API Gateway's Lambda proxy integration hands it on, with `*`/`*` as binary media type: every body in base64,
 * for those who ask for it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function toEvent(
  request: IncomingMessage,
  url: URL,
  { resource, pathParameters }: RouteMatch,
  body: Buffer,
  basePath = '',
): HttpEvent {
  const query = [...url.searchParams];
  const method = request.method ?? 'GET';
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    resource,
    path: url.pathname,
    httpMethod: method,
    headers: Object.fromEntries(headers),
    multiValueHeaders: Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
    queryStringParameters: query.length > 0 ? Object.fromEntries(query) : null,
    multiValueQueryStringParameters: null,
    pathParameters,
    stageVariables: null,
    requestContext: requestContext(request, resource, method, basePath + url.pathname),
    get body() {
      return body.length > 0 ? body.toString('base64') : null;
    },
    isBase64Encoded: body.length > 0,
    [bodyBytes]: body,
  };
}

/** What a Lambda function is told about its call, above all the time it has left. */
export function toContext(milliseconds = integrationMilliseconds): Context {
  const deadline = performance.now() + milliseconds;
  const unused = () => {};
  return {
    awsRequestId: randomUUID(),
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'local',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'local',
    logGroupName: 'local',
    logStreamName: 'local',
    memoryLimitInMB: '0',
    getRemainingTimeInMillis: () => deadline - performance.now(),
    done: unused,
    fail: unused,
    succeed: unused,
  };
}

function requestContext(
  request: IncomingMessage,
  resource: string,
  httpMethod: string,
  path: string,
): APIGatewayProxyEvent['requestContext'] {
  return {
    accountId: 'local',
    apiId: 'local',
    authorizer: null,
    protocol: `HTTP/${request.httpVersion}`,
    httpMethod,
    identity: {
      ...nobody,
      sourceIp: request.socket.remoteAddress ?? '',
      userAgent: request.headers['user-agent'] ?? null,
    },
    path,
    stage: 'local',
    requestId: randomUUID(),
    requestTimeEpoch: Date.now(),
    resourceId: resource,
    resourcePath: resource,
  };
}

/** The caller's identity where requests are not signed. */
export const nobody = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};
