import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Problem } from '../../functions/shared/errors.ts';
import { problemDetails, problemHeaders } from '../../functions/shared/http/response.ts';
import type { StackSettings } from '../settings.ts';

export interface GatewayResponsesProps {
  readonly api: RestApi;
  readonly settings: Pick<StackSettings, 'allowedOrigins' | 'inlineImageBytes'>;
}

/**
 * What API Gateway answers by itself, in the form in which the functions answer problems (RFC 9457). The defaults hold for every type
 * that is not listed; each of those has a status of its own, and the table's takes its place.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
function gatewayProblems(inlineImageBytes: number): [ResponseType, Problem][] {
  const mebibytes = inlineImageBytes / 1024 / 1024;
  const inlineLimit = `POST /predict takes images of up to ${mebibytes} MiB. POST /uploads gives a form for larger ones, and this uses it: npm run predict -- --server https://$context.domainName/$context.stage/ photo.jpg`;
  const tooSlow = 'The answer took too long. Ask with Prefer: respond-async and poll the status.';
  const tooMany = 'Your address has sent more requests than it may in five minutes. Try again later.';
  const atCap =
    'Too many requests wait at once. Try again in 5 seconds, or poll GET /status/{id} without a wait.';
  const usedUp = 'The API key has made as many requests as it may in a day. Try again tomorrow.';
  return [
    [ResponseType.DEFAULT_4XX, new Problem('request_refused')],
    [ResponseType.DEFAULT_5XX, new Problem('unavailable')],
    [ResponseType.REQUEST_TOO_LARGE, new Problem('image_too_large', inlineLimit)],
    [ResponseType.THROTTLED, new Problem('too_many_requests')],
    // A function at its cap: API Gateway calls a throttled Lambda a configuration error, or a failure.
    [ResponseType.API_CONFIGURATION_ERROR, new Problem('busy', atCap)],
    [ResponseType.INTEGRATION_FAILURE, new Problem('busy', atCap)],
    // No key, or more requests than its plan allows a day.
    [ResponseType.INVALID_API_KEY, new Problem('unauthorized', 'Send the API key as "X-Api-Key: KEY".')],
    [ResponseType.QUOTA_EXCEEDED, new Problem('too_many_requests', usedUp)],
    [ResponseType.INTEGRATION_TIMEOUT, new Problem('unavailable', tooSlow)],
    // The firewall's one rule is a rate.
    [
      ResponseType.WAF_FILTERED,
      new Problem('too_many_requests', tooMany, { headers: { 'Retry-After': '300' } }),
    ],
  ];
}

export function addGatewayResponses({ api, settings }: GatewayResponsesProps): void {
  for (const [type, problem] of gatewayProblems(settings.inlineImageBytes)) {
    const body = problemDetails(problem);
    api.addGatewayResponse(type.responseType, {
      type,
      statusCode: String(body.status),
      responseHeaders: responseHeaders(problem, settings.allowedOrigins),
      // API Gateway chooses a template by what the client accepts, and this one where nothing fits.
      templates: { 'application/json': JSON.stringify(body) },
    });
  }
}

/** Fixed texts stand in quotation marks, references to the request without. */
function responseHeaders(problem: Problem, allowedOrigins: readonly string[]): Record<string, string> {
  const [only = '*'] = allowedOrigins;
  return {
    ...Object.fromEntries(
      Object.entries(problemHeaders(problem)).map(([name, value]) => [name, `'${value}'`]),
    ),
    // A gateway response cannot choose from a list. It tells nothing about anybody, so any page may read it.
    'Access-Control-Allow-Origin': allowedOrigins.length === 1 ? `'${only}'` : "'*'",
    'Access-Control-Expose-Headers': "'Retry-After'",
  };
}
