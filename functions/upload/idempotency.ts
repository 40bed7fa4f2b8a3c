import { createHash } from 'node:crypto';
import { Problem } from '../shared/errors.ts';
import { idempotencyKey } from '../shared/http/parameters.ts';
import type { HttpRequest } from '../shared/http/request.ts';
import { modelsText } from '../shared/models.ts';
import type { IdempotencyKey, Ports } from '../shared/ports.ts';

/** What a request asks for, however it is written. */
interface Asked {
  readonly what: () => string;
  readonly models: readonly string[] | undefined;
}

/**
 * The `Idempotency-Key` of a request, if it has one (draft-ietf-httpapi-idempotency-key-header), with digests of itself and of what
 * it stands for.
 * @throws {Problem} `invalid_parameter` where it is shorter than 16 or longer than 255 characters.
 */
export function readIdempotencyKey(
  request: HttpRequest,
  { what, models }: Asked,
  served: Ports['models'],
): IdempotencyKey | undefined {
  const key = request.header('Idempotency-Key');
  if (key === undefined) return undefined;
  if (!idempotencyKey.safeParse(key).success) {
    throw new Problem('invalid_parameter', 'Idempotency-Key: must be 16 to 255 printable ASCII characters');
  }
  return { key: sha256(key), request: sha256(what() + modelsText(models, served)) };
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
