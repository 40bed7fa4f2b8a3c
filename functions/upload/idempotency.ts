import { Problem } from '../shared/errors.ts';
import { idempotencyKey } from '../shared/http/parameters.ts';
import type { HttpRequest } from '../shared/http/request.ts';

/**
 * The `Idempotency-Key` of a request, if it has one (draft-ietf-httpapi-idempotency-key-header).
 * @throws {Problem} `invalid_parameter` where it is shorter than 16 or longer than 255 characters.
 */
export function readIdempotencyKey(request: HttpRequest): string | undefined {
  const key = request.header('Idempotency-Key');
  if (key === undefined || idempotencyKey.safeParse(key).success) return key;
  throw new Problem('invalid_parameter', 'Idempotency-Key: must be 16 to 255 printable ASCII characters');
}
