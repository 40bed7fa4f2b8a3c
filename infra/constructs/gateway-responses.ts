import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { StackSettings } from '../settings.ts';

export interface GatewayResponsesProps {
  readonly api: RestApi;
  readonly settings: Pick<StackSettings, 'allowedOrigins' | 'inlineImageBytes'>;
}

interface GatewayProblem {
  readonly type: ResponseType;
  /** Without one, API Gateway's own status stays, and the problem does not repeat it. */
  readonly status?: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What API Gateway answers in its own right, in the form that the functions answer problems in (RFC 9457).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
function gatewayProblems(inlineImageBytes: number): GatewayProblem[] {
  const mebibytes = inlineImageBytes / 1024 / 1024;
  return [
    {
      type: ResponseType.DEFAULT_4XX,
      code: 'request_refused',
      title: 'The request was refused',
      detail: 'The request did not reach the service. GET /openapi.json tells what it takes.',
    },
    {
      type: ResponseType.DEFAULT_5XX,
      code: 'unavailable',
      title: 'A part of the service cannot be reached',
      detail: 'This is our fault, not yours. Try again in a moment.',
    },
    {
      type: ResponseType.REQUEST_TOO_LARGE,
      status: 413,
      code: 'image_too_large',
      title: 'The image has too many bytes',
      detail: `POST /predict takes images of up to ${mebibytes} MiB. POST /uploads gives a form for larger ones.`,
    },
    {
      type: ResponseType.THROTTLED,
      status: 429,
      code: 'too_many_requests',
      title: 'Too many requests at once',
      detail: 'Send it again after the seconds that Retry-After names.',
      headers: { 'Retry-After': '1' },
    },
    {
      type: ResponseType.INTEGRATION_TIMEOUT,
      status: 504,
      code: 'unavailable',
      title: 'A part of the service cannot be reached',
      detail: 'The answer took too long. Ask with Prefer: respond-async and poll the status.',
    },
    {
      type: ResponseType.WAF_FILTERED,
      status: 403,
      code: 'too_many_requests',
      title: 'Too many requests at once',
      detail: 'Your address has sent more requests than it may in five minutes. Try again later.',
      headers: { 'Retry-After': '300' },
    },
  ];
}

export function addGatewayResponses({ api, settings }: GatewayResponsesProps): void {
  for (const problem of gatewayProblems(settings.inlineImageBytes)) {
    api.addGatewayResponse(problem.type.responseType, {
      type: problem.type,
      ...(problem.status && { statusCode: String(problem.status) }),
      responseHeaders: responseHeaders(problem, settings.allowedOrigins),
      // API Gateway picks a template by what the client accepts, and this one where nothing fits.
      templates: { 'application/json': JSON.stringify(problemBody(problem)) },
    });
  }
}

function problemBody({ code, title, status, detail }: GatewayProblem): Record<string, unknown> {
  const type = `urn:problem:${code.replaceAll('_', '-')}`;
  return { type, title, ...(status && { status }), detail, code, error: title };
}

/** Fixed texts stand in quotation marks, references to the request without. */
function responseHeaders(
  { headers = {} }: GatewayProblem,
  allowedOrigins: readonly string[],
): Record<string, string> {
  const fixed = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers };
  const [only] = allowedOrigins;
  return {
    ...Object.fromEntries(Object.entries(fixed).map(([name, value]) => [name, `'${value}'`])),
    // A gateway response cannot choose from a list. It tells nothing of anybody, so any page may read it.
    'Access-Control-Allow-Origin': allowedOrigins.length === 1 ? `'${only}'` : 'method.request.header.Origin',
    'Access-Control-Expose-Headers': "'Retry-After'",
  };
}
