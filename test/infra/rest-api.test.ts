import { Match, type Template } from 'aws-cdk-lib/assertions';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { problemType } from '../../functions/shared/errors.ts';
import { httpHandler } from '../../functions/shared/http/handler.ts';
import { resources } from '../../functions/shared/http/routes.ts';
import { problem } from '../../functions/shared/http/schemas.ts';
import { functionProperties, synthesize } from '../support/aws/synthesize.ts';
import { strictly } from '../support/strictly.ts';
import { silentTelemetry } from '../support/telemetry.ts';

const ref = z.object({ Ref: z.string() });
const method = z.object({
  Properties: z.object({
    HttpMethod: z.string(),
    AuthorizationType: z.string(),
    ApiKeyRequired: z.boolean().optional(),
    ResourceId: z.union([ref, z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) })]),
    Integration: z.looseObject({
      Type: z.string(),
      ContentHandling: z.string().optional(),
      ResponseTransferMode: z.string().optional(),
      TimeoutInMillis: z.number().optional(),
      Uri: z.unknown().optional(),
      IntegrationResponses: z
        .array(z.looseObject({ ResponseParameters: z.record(z.string(), z.string()) }))
        .optional(),
    }),
  }),
});
const pathPart = z.object({ Properties: z.object({ PathPart: z.string(), ParentId: z.unknown() }) });

type Method = z.infer<typeof method>['Properties'] & { readonly path: string };

/** Every method of the API with the path that it answers. */
function methodsOf(template: Template): Method[] {
  const parts = template.findResources('AWS::ApiGateway::Resource');
  const pathOf = (id: unknown): string => {
    const known = ref.safeParse(id);
    if (!known.success) return '';
    const { PathPart, ParentId } = pathPart.parse(parts[known.data.Ref]).Properties;
    return `${pathOf(ParentId)}/${PathPart}`;
  };
  return Object.values(template.findResources('AWS::ApiGateway::Method')).map((found) => {
    const { Properties } = method.parse(found);
    return { ...Properties, path: pathOf(Properties.ResourceId) || '/' };
  });
}

/** What a function built as all of them are answers to OPTIONS. */
async function functionsPreflight(path: string, methods: readonly string[]) {
  const answer = async () => ({ statusCode: 200, body: '' });
  const routes = { [path]: Object.fromEntries(methods.map((name) => [name, answer])) };
  const handler = httpHandler(routes, { telemetry: silentTelemetry, settings: { allowedOrigins: ['*'] } });
  const event: Partial<APIGatewayProxyEvent> = { httpMethod: 'OPTIONS', resource: path, path, headers: {} };
  const { statusCode, headers = {} } = await handler(event as APIGatewayProxyEvent, {} as Context);
  return { statusCode: String(statusCode), headers };
}

const template = synthesize();
const methods = methodsOf(template);

describe('the REST API', () => {
  test.each(Object.entries(resources))('gives every method of %s to the function %s', (path, name) => {
    const any = methods.find((each) => each.path === path && each.HttpMethod === 'ANY');
    expect(any?.Integration.Type).toBe('AWS_PROXY');
    const target = new RegExp(`Functions${name[0]?.toUpperCase()}${name.slice(1)}Function`);
    expect(JSON.stringify(any?.Integration.Uri)).toMatch(target);
  });

  test('takes every body as binary, in one region', () => {
    template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      BinaryMediaTypes: ['*/*'],
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
  });

  test('throttles the stage and writes an access log as JSON', () => {
    template.hasResourceProperties('AWS::ApiGateway::Stage', {
      AccessLogSetting: { Format: Match.serializedJson(Match.objectLike({ status: '$context.status' })) },
      MethodSettings: Match.arrayWith([
        Match.objectLike({ ResourcePath: '/*', ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 }),
      ]),
    });
  });

  test('answers its own errors as problems, with a media type that says so', () => {
    const responses = Object.values(template.findResources('AWS::ApiGateway::GatewayResponse'));
    expect(responses.map(({ Properties }) => Properties.ResponseType)).toEqual(
      expect.arrayContaining(['DEFAULT_4XX', 'DEFAULT_5XX', 'REQUEST_TOO_LARGE', 'THROTTLED']),
    );
    for (const { Properties } of responses) {
      const body = strictly(problem).parse(JSON.parse(Properties.ResponseTemplates['application/json']));
      const { status, title } = problemType(body.code);
      expect([Properties.StatusCode, body.status, body.title]).toEqual([String(status), status, title]);
      expect(Properties.ResponseParameters['gatewayresponse.header.Content-Type']).toBe(
        "'application/problem+json'",
      );
    }
  });
});

describe('OPTIONS', () => {
  const preflights = methods.filter(({ HttpMethod }) => HttpMethod === 'OPTIONS');
  const allowed = (path: string) => (preflight(path).Allow ?? '').split(', ');
  const preflight = (path: string): Record<string, string> => {
    const found = preflights.find((each) => each.path === path);
    const parameters = found?.Integration.IntegrationResponses?.[0]?.ResponseParameters ?? {};
    return Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [
        name.replace('method.response.header.', ''),
        value.slice(1, -1),
      ]),
    );
  };

  test('is answered on every resource, and as text: with */* a template fails on binary', () => {
    const paths = Object.keys(resources).filter((path) => path !== '/{proxy+}');
    expect(preflights.map(({ path }) => path).sort()).toEqual(paths.sort());
    expect(preflights.map(({ Integration }) => Integration.ContentHandling)).toEqual(
      paths.map(() => 'CONVERT_TO_TEXT'),
    );
  });

  test.each(Object.keys(resources).filter((path) => path !== '/{proxy+}'))(
    'of %s says what the function says',
    async (path) => {
      const names = allowed(path).filter((name) => !['HEAD', 'OPTIONS'].includes(name));
      const { statusCode, headers } = await functionsPreflight(path, names);
      expect(statusCode).toBe('204');
      const { 'Access-Control-Expose-Headers': _, ...expected } = headers;
      expect(preflight(path)).toEqual(expected);
    },
  );

  test('names the origin that asks where several are allowed', () => {
    const several = synthesize({ allowedOrigins: 'https://a.example,https://b.example' });
    several.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'OPTIONS',
      Integration: {
        IntegrationResponses: [
          Match.objectLike({
            ResponseTemplates: {
              // HTTP/2 clients send the header in lower case, others do not; a template sees what was sent.
              'application/json': Match.stringLikeRegexp('"origin".*\\n?.*"Origin"[^]*"https://b.example"'),
            },
          }),
        ],
      },
    });
  });
});

test('the execution log expires and goes with the stack, which makes it before the stage can', () => {
  const groups = template.findResources('AWS::Logs::LogGroup', {
    DeletionPolicy: 'Delete',
    Properties: {
      LogGroupName: { 'Fn::Join': ['', ['API-Gateway-Execution-Logs_', Match.anyValue(), '/v1']] },
      RetentionInDays: 30,
    },
  });
  const [group] = Object.keys(groups);
  expect(group).toBeDefined();
  template.hasResource('AWS::ApiGateway::Stage', {
    DependsOn: Match.arrayWith([group ?? '']),
    Properties: { StageName: 'v1' },
  });
});

describe('throttles', () => {
  const settings = { predictPerSecond: 20, streamsPerSecond: 5, requestsPerSecond: 100, requestBurst: 300 };
  const throttles = (of: Template): Record<string, [number, number]> => {
    const [stage] = Object.values(of.findResources('AWS::ApiGateway::Stage'));
    const entries = z.array(methodSetting).parse(stage?.Properties.MethodSettings);
    return Object.fromEntries(
      entries.map((entry) => [
        `${entry.HttpMethod} ${entry.ResourcePath.replaceAll('~1', '/')}`,
        [entry.ThrottlingRateLimit, entry.ThrottlingBurstLimit],
      ]),
    );
  };

  test('of predict, status and events are set each, with bursts in the proportion of the stage', () => {
    expect(throttles(synthesize(settings))).toMatchObject({
      '* /*': [100, 300],
      'ANY //predict': [20, 60],
      'ANY //status/{id}': [100, 300],
      'ANY //status/{id}/events': [5, 15],
    });
  });

  test('name methods that the API has', () => {
    const named = Object.keys(throttles(template)).filter((key) => key !== '* /*');
    const existing = methods.map(({ HttpMethod, path }) => `${HttpMethod} /${path}`);
    expect(named).toHaveLength(3);
    for (const key of named) expect(existing).toContain(key);
  });

  test('and caps of functions are answered as problems that say to come again', () => {
    for (const type of ['THROTTLED', 'API_CONFIGURATION_ERROR', 'INTEGRATION_FAILURE', 'QUOTA_EXCEEDED']) {
      const [response] = Object.values(
        template.findResources('AWS::ApiGateway::GatewayResponse', { Properties: { ResponseType: type } }),
      );
      expect(['429', '503']).toContain(response?.Properties.StatusCode);
      expect(response?.Properties.ResponseParameters).toHaveProperty(['gatewayresponse.header.Retry-After']);
    }
  });
});

const methodSetting = z.object({
  HttpMethod: z.string(),
  ResourcePath: z.string(),
  ThrottlingRateLimit: z.number(),
  ThrottlingBurstLimit: z.number(),
});

describe('the event stream', () => {
  const events = (of: Method[]) =>
    of.find(({ path, HttpMethod }) => path === '/status/{id}/events' && HttpMethod === 'ANY')?.Integration;

  test('is streamed, for five minutes and a little', () => {
    expect(events(methods)).toMatchObject({ ResponseTransferMode: 'STREAM', TimeoutInMillis: 310_000 });
    expect(JSON.stringify(events(methods)?.Uri)).toContain('/response-streaming-invocations');
    expect(functionProperties(template, 'Events')).toMatchObject({
      Timeout: 310,
      Environment: { Variables: { STREAMING: 'true' } },
    });
  });

  test('is buffered where the setting says so', () => {
    const buffered = synthesize({ streaming: false });
    expect(events(methodsOf(buffered))).not.toHaveProperty('ResponseTransferMode');
    expect(functionProperties(buffered, 'Events')).toMatchObject({
      Environment: { Variables: { STREAMING: 'false' } },
    });
  });
});

describe('auth=iam', () => {
  // Each has OPTIONS. Of these /health needs no signature, and the catch-all besides them does: the same number again.
  const served = Object.keys(resources).filter((path) => !['/', '/docs', '/{proxy+}'].includes(path));
  const signed = methodsOf(synthesize({ auth: 'iam' }));

  test('asks for a signature on everything but health and OPTIONS', () => {
    const open = signed.filter(({ AuthorizationType }) => AuthorizationType === 'NONE');
    expect(
      new Set(open.filter(({ HttpMethod }) => HttpMethod !== 'OPTIONS').map(({ path }) => path)),
    ).toEqual(new Set(['/health']));
    expect(open.filter(({ HttpMethod }) => HttpMethod === 'OPTIONS')).toHaveLength(served.length);
    expect(signed.filter(({ AuthorizationType }) => AuthorizationType === 'AWS_IAM')).toHaveLength(
      served.length,
    );
  });

  test('serves no page', () => {
    expect(signed.filter(({ path }) => path === '/' || path === '/docs')).toEqual([]);
  });
});

describe('auth=key', () => {
  const keyed = synthesize({ auth: 'key', keyRequestsPerDay: 500 });
  const guarded = methodsOf(keyed).filter(({ HttpMethod }) => HttpMethod === 'ANY');

  test('asks for a key on everything but health and OPTIONS, and serves no page', () => {
    const open = guarded.filter(({ ApiKeyRequired }) => !ApiKeyRequired).map(({ path }) => path);
    expect(open).toEqual(['/health']);
    expect(guarded.map(({ path }) => path)).not.toContain('/');
    expect(methods.filter(({ ApiKeyRequired }) => ApiKeyRequired)).toEqual([]);
  });

  test('comes with a plan that has a throttle and a quota, and a key of that plan', () => {
    keyed.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      Quota: { Limit: 500, Period: 'DAY' },
      Throttle: { RateLimit: 50, BurstLimit: 100 },
      ApiStages: [Match.objectLike({ Stage: { Ref: Match.anyValue() } })],
    });
    keyed.resourceCountIs('AWS::ApiGateway::UsagePlanKey', 1);
    keyed.hasOutput('ApiKeyId', {});
    template.resourceCountIs('AWS::ApiGateway::ApiKey', 0);
  });

  test('lets pages send the key', () => {
    keyed.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'OPTIONS',
      Integration: {
        IntegrationResponses: [
          Match.objectLike({
            ResponseParameters: Match.objectLike({
              'method.response.header.Access-Control-Allow-Headers': Match.stringLikeRegexp('X-Api-Key'),
            }),
          }),
        ],
      },
    });
  });
});
