import type { APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod';
import { Problem, problemType } from '../errors.ts';
import type { ProblemDetails } from './schemas.ts';

export type HttpHeaders = Readonly<Record<string, string>>;

export function json(status: number, body: unknown, headers: HttpHeaders = {}): APIGatewayProxyResult {
  return {
    statusCode: status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

export function empty(status: number, headers: HttpHeaders = {}): APIGatewayProxyResult {
  return { statusCode: status, headers: { ...headers }, body: '' };
}

/** Problem details (RFC 9457), with the `error` member that the original service's clients read. */
export function problemDetails({ code, detail }: Pick<Problem, 'code' | 'detail'>): ProblemDetails {
  const { status, title, error = title } = problemType(code);
  return { type: `urn:problem:${code.replaceAll('_', '-')}`, title, status, detail, code, error };
}

/** The headers of a problem's answer: those of its code, then its own. */
export function problemHeaders({ code, headers }: Pick<Problem, 'code' | 'headers'>): HttpHeaders {
  const { retryAfterSeconds } = problemType(code);
  return {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    ...headers,
  };
}

export function problemAnswer(problem: Problem): APIGatewayProxyResult {
  const body = problemDetails(problem);
  return json(body.status, body, problemHeaders(problem));
}

/** The answer to an unexpected failure. It shows nothing of the inside, but says whether to try again. */
export function unexpected(cause: unknown): Problem {
  return new Problem(isUnavailable(cause) ? 'unavailable' : 'internal_error', undefined, { cause });
}

/** Errors of the AWS SDK and of Node's network that mean: a dependency is busy or cannot be reached. */
const away = z.union([
  z.object({ $metadata: z.object({ httpStatusCode: z.union([z.literal(429), z.int().min(500)]) }) }),
  z.object({ $retryable: z.object({}) }),
  z.object({
    name: z.enum(['TimeoutError', 'ThrottlingException', 'ProvisionedThroughputExceededException']),
  }),
  z.object({ code: z.enum(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE']) }),
]);

/** The answer for an address that does not exist. */
export function unknownAddress(): Problem {
  return new Problem('not_found', 'No such address. GET / shows what there is.');
}

/** Turns anything thrown into a problem. `report` gets what was not the client's fault. */
export function toProblem(error: unknown, report: (error: unknown) => void): Problem {
  if (error instanceof Problem) return error;
  report(error);
  return unexpected(error);
}

function isUnavailable(cause: unknown): boolean {
  return away.safeParse(cause).success;
}
