import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { UploadForm, UploadTerms } from '../../functions/shared/ports.ts';

const policySchema = z.object({
  expiration: z.iso.datetime(),
  conditions: z.array(
    z.union([
      z.record(z.string(), z.string()),
      z.tuple([z.literal('content-length-range'), z.int(), z.int()]),
    ]),
  ),
});

/** Fields that the policy need not name. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
const unconditioned = ['policy', 'x-amz-signature', 'file'];

/** Why storage refuses a form, with the code and status S3 has for it. */
export class FormRefusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What an accepted form allows. */
export interface FormGrant {
  readonly key: string;
  readonly minBytes: number;
  readonly maxBytes: number;
}

/**
 * Signs and checks upload forms as S3 does (Signature Version 4 over a policy,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html), with a secret of this installation's own.
 */
export class FormSigner {
  readonly #secret: Buffer;
  readonly #url: () => string;

  constructor(secret: Buffer, url: () => string) {
    this.#secret = secret;
    this.#url = url;
  }

  static readonly secretBytes = 32;

  static newSecret(): Buffer {
    return randomBytes(FormSigner.secretBytes);
  }

  sign({ key, contentType, maxBytes, expiresAt }: UploadTerms): UploadForm {
    const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const fields = {
      key,
      'Content-Type': contentType,
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': `local/${date.slice(0, 8)}/local/s3/aws4_request`,
      'X-Amz-Date': date,
    };
    const named = Object.entries(fields).map(([name, value]) => ({ [name]: value }));
    const conditions = [...named, ['content-length-range', 1, maxBytes]];
    const document = JSON.stringify({ expiration: expiresAt.toISOString(), conditions });
    const policy = Buffer.from(document).toString('base64');
    return {
      url: this.#url(),
      fields: { ...fields, Policy: policy, 'X-Amz-Signature': this.#signature(policy) },
    };
  }

  /** @throws {FormRefusal} where the form is not ours, not valid any more, or says other than its policy. */
  check(fields: Readonly<Record<string, string>>, now: Date): FormGrant {
    const given = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
    const policy = given.get('policy') ?? '';
    if (!this.#matches(policy, given.get('x-amz-signature') ?? '')) {
      throw new FormRefusal(403, 'SignatureDoesNotMatch', 'The signature does not match the form.');
    }
    const { expiration, conditions } = policySchema.parse(
      JSON.parse(Buffer.from(policy, 'base64').toString()),
    );
    if (now.toISOString() >= expiration) {
      throw new FormRefusal(403, 'AccessDenied', 'Invalid according to Policy: Policy expired.');
    }
    const grant = { key: given.get('key') ?? '', minBytes: 1, maxBytes: 0 };
    const named = new Set(unconditioned);
    for (const condition of conditions) {
      if (Array.isArray(condition)) [, grant.minBytes, grant.maxBytes] = condition;
      else for (const [name, value] of Object.entries(condition)) named.add(requireField(given, name, value));
    }
    const extra = [...given.keys()].find((name) => !named.has(name));
    if (extra)
      throw new FormRefusal(403, 'AccessDenied', `Invalid according to Policy: Extra input fields: ${extra}`);
    return grant;
  }

  #matches(policy: string, signature: string): boolean {
    const expected = Buffer.from(this.#signature(policy));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #signature(policy: string): string {
    return createHmac('sha256', this.#secret).update(policy).digest('hex');
  }
}

function requireField(given: ReadonlyMap<string, string>, name: string, value: string): string {
  const key = name.toLowerCase();
  if (given.get(key) === value) return key;
  const condition = `["eq", "$${name}", "${value}"]`;
  throw new FormRefusal(
    403,
    'AccessDenied',
    `Invalid according to Policy: Policy Condition failed: ${condition}`,
  );
}
