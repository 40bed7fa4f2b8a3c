import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { nobody } from '../../../local/http/event.ts';

/** A function's context, with that much time left. */
export function context(remainingMilliseconds = 30_000): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'function',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:function',
    memoryLimitInMB: '1024',
    awsRequestId: randomUUID(),
    logGroupName: 'group',
    logStreamName: 'stream',
    getRemainingTimeInMillis: () => remainingMilliseconds,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

/** What API Gateway hands over for a request. */
export function apiRequest(
  httpMethod: string,
  resource: string,
  more: Partial<APIGatewayProxyEvent> = {},
): APIGatewayProxyEvent {
  return {
    resource,
    path: resource,
    httpMethod,
    headers: {},
    multiValueHeaders: {},
    pathParameters: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
    requestContext: apiGateway,
    ...more,
  };
}

const apiGateway: APIGatewayProxyEvent['requestContext'] = {
  accountId: '000000000000',
  apiId: 'api',
  authorizer: null,
  httpMethod: 'GET',
  identity: { ...nobody, sourceIp: '127.0.0.1', userAgent: null },
  path: '/',
  protocol: 'HTTP/1.1',
  requestId: 'request',
  requestTimeEpoch: 0,
  resourceId: 'resource',
  resourcePath: '/',
  stage: 'test',
};
