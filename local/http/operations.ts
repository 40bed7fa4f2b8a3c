import type { APIGatewayProxyResult } from 'aws-lambda';
import { Problem } from '../../functions/shared/errors.ts';
import { json } from '../../functions/shared/http/response.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';

/** What a server must be able to do before it is sent requests. Each check resolves to a reason, or `undefined` where all is well. */
export interface Readiness {
  readonly checks: Readonly<Record<string, () => string | undefined>>;
}

/** For whoever runs this server, and no part of the API: `GET /ready` and `GET /metrics`. */
export interface Operations {
  readonly metrics: Metrics;
  /** Whether metrics are read at the public address. */
  readonly hasPublicMetrics: boolean;
  readonly readiness: Readiness;
  /** Where each request is logged, if it is. */
  readonly accessLog: Logger | undefined;
}

export const operationPaths = ['/ready', '/metrics'] as const;
export type OperationPath = (typeof operationPaths)[number];

export function isOperation(
  path: string,
  { hasPublicMetrics }: Pick<Operations, 'hasPublicMetrics'>,
): path is OperationPath {
  if (path === '/metrics' && !hasPublicMetrics) return false;
  return operationPaths.some((known) => known === path);
}

export async function answerOperation(
  path: OperationPath,
  method: string | undefined,
  { metrics, readiness }: Operations,
): Promise<APIGatewayProxyResult> {
  if (method !== 'GET' && method !== 'HEAD')
    throw new Problem('method_not_allowed', `${path} answers GET, not ${method}.`, {
      headers: { Allow: 'GET' },
    });
  return path === '/ready' ? answerReady(readiness) : answerMetrics(metrics);
}

async function answerMetrics(metrics: Metrics): Promise<APIGatewayProxyResult> {
  const { type, text } = await metrics.read();
  return { statusCode: 200, headers: { 'Content-Type': type, 'Cache-Control': 'no-store' }, body: text };
}

/** 503 with the reasons while something is missing: load balancers and Kubernetes then send requests elsewhere. */
function answerReady({ checks }: Readiness): APIGatewayProxyResult {
  const found = Object.entries(checks).map(([name, check]) => [name, check() ?? 'ok'] as const);
  const isReady = found.every(([, state]) => state === 'ok');
  const body = { status: isReady ? 'ready' : 'not_ready', checks: Object.fromEntries(found) };
  return json(isReady ? 200 : 503, body, isReady ? {} : { 'Retry-After': '1' });
}
