import type { APIGatewayProxyResult } from 'aws-lambda';
import type { ProblemDetails } from '../api/schemas.ts';
import { Problem, problemTypes } from '../errors.ts';

export type Headers = Readonly<Record<string, string>>;

export function json(status: number, body: unknown, headers: Headers = {}): APIGatewayProxyResult {
  return {
    statusCode: status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

export function empty(status: number, headers: Headers = {}): APIGatewayProxyResult {
  return { statusCode: status, headers: { ...headers }, body: '' };
}

/** Problem details (RFC 9457), with the `error` member that the original service's clients read. */
export function problemDetails({ code, detail }: Pick<Problem, 'code' | 'detail'>): ProblemDetails {
  const { status, title, ...original } = problemTypes[code];
  const error = 'error' in original ? original.error : title;
  return { type: `urn:problem:${code.replaceAll('_', '-')}`, title, status, detail, code, error };
}

export function problemAnswer(problem: Problem): APIGatewayProxyResult {
  const body = problemDetails(problem);
  return json(body.status, body, { 'Content-Type': 'application/problem+json', ...problem.headers });
}

/** What a client is told of a failure that is not its own: nothing of what is inside. */
export function unexpected(cause: unknown): Problem {
  return new Problem('internal_error', 'This is our fault, not yours. Try again in a moment.', { cause });
}
