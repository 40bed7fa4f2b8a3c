import { ContentHandling, type IResource, MockIntegration } from 'aws-cdk-lib/aws-apigateway';
import { preflightHeaders } from '../../functions/shared/http/preflight.ts';
import type { Resource } from '../../functions/shared/http/routes.ts';
import type { StackSettings } from '../settings.ts';

export type PreflightResource = Exclude<Resource, '/{proxy+}'>;

export interface PreflightOptions {
  readonly allowedOrigins: readonly string[];
  readonly auth: StackSettings['auth'];
}

/**
 * Answers OPTIONS in API Gateway itself, without a signature and without a function.
 * With the binary media type that matches everything, API Gateway would take the request for binary and fail on the template
 * (status 500): it is converted to text first.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
 */
export function addPreflight(resource: IResource, path: PreflightResource, options: PreflightOptions): void {
  const headers = answerHeaders(path, options);
  const parameters = Object.keys(headers).map((name) => `method.response.header.${name}`);
  const integration = new MockIntegration({
    contentHandling: ContentHandling.CONVERT_TO_TEXT,
    requestTemplates: { 'application/json': '{"statusCode": 204}' },
    integrationResponses: [
      {
        statusCode: '204',
        responseParameters: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [`method.response.header.${name}`, `'${value}'`]),
        ),
        responseTemplates: { 'application/json': originTemplate(options.allowedOrigins) },
      },
    ],
  });
  resource.addMethod('OPTIONS', integration, {
    methodResponses: [
      { statusCode: '204', responseParameters: Object.fromEntries(parameters.map((name) => [name, true])) },
    ],
  });
}

function answerHeaders(
  path: PreflightResource,
  { allowedOrigins, auth }: PreflightOptions,
): Record<string, string> {
  const [first = '*'] = allowedOrigins;
  return {
    ...preflightHeaders(path, { auth }),
    'Access-Control-Allow-Origin': first,
    ...(first !== '*' && { Vary: 'Origin' }),
  };
}

/**
 * A header names one origin. Where several are allowed, the template puts the request's own in the first one's place, if it is
 * among them.
 */
function originTemplate(allowedOrigins: readonly string[]): string {
  const [, ...others] = allowedOrigins;
  if (others.length === 0) return '';
  const isOther = others.map((origin) => `$origin == "${origin}"`).join(' || ');
  const override = '#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)';
  // Templates tell upper case from lower, and HTTP/2 knows lower case only.
  const read =
    '#set($origin = $input.params("origin"))\n#if($origin == "")#set($origin = $input.params("Origin"))#end';
  return `${read}\n#if(${isOther})\n${override}\n#end`;
}
