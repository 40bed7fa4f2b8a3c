/** Why something did not work, in words for people. `code` is the API's, or one of the client's own. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;
  /** Whether the same again may work. */
  readonly transient: boolean;
  /** Seconds after which the service wants to be asked again, where it says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: string,
    detail: string,
    {
      transient = false,
      retryAfterSeconds,
    }: { transient?: boolean; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(detail);
    this.code = code;
    this.transient = transient;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer at all: the line or the service is down. */
export function unreachable(): Failure {
  const detail = 'The service cannot be reached. Check the connection, then try again.';
  return new Failure('unreachable', detail, { transient: true });
}

/** Words for an answer that is not a success: problem details (RFC 9457), storage's XML, or anything a proxy in between says. */
export function toFailure(status: number, body: unknown, retryAfterSeconds?: number): Failure {
  const transient = status === 408 || status === 429 || status >= 500;
  const again = { transient, retryAfterSeconds };
  const problem = typeof body === 'string' ? parse(body) : body;
  if (isProblem(problem)) return new Failure(problem.code, problem.detail, again);
  const code = typeof body === 'string' ? /<Code>(\w+)<\/Code>/.exec(body)?.[1] : undefined;
  if (code !== undefined) return storageFailure(code, String(body), transient);
  if (status === 413)
    return new Failure('image_too_large', 'The image is too large for this service. Send a smaller one.');
  return new Failure(
    'unexpected',
    `The service gave an answer that makes no sense here (HTTP ${status}). Try again.`,
    {
      transient: true,
    },
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function storageFailure(code: string, xml: string, transient: boolean): Failure {
  if (code === 'EntityTooLarge') {
    const limit = /<MaxSizeAllowed>(\d+)</.exec(xml)?.[1];
    const most =
      limit === undefined ? 'a smaller one' : `one of at most ${Math.floor(Number(limit) / 1024 ** 2)} MiB`;
    return new Failure('image_too_large', `Storage refused the image, it is too large. Send ${most}.`);
  }
  if (code === 'EntityTooSmall') return new Failure('empty_file', 'The file is empty. Choose another one.');
  if (code === 'AccessDenied' || code === 'ExpiredToken' || code === 'RequestTimeTooSkewed') {
    const detail =
      'Storage did not take the upload: its form has expired or does not fit the file. Try again.';
    return new Failure('upload_refused', detail, { transient: true });
  }
  if (code === 'SlowDown' || code === 'ServiceUnavailable' || code === 'InternalError' || transient) {
    return new Failure('unavailable', 'Storage is busy. Try again in a moment.', { transient: true });
  }
  return new Failure('upload_refused', `Storage did not take the upload (${code}). Try again.`, {
    transient: true,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(value: unknown): value is { code: string; detail: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'detail' in value &&
    typeof value.code === 'string' &&
    typeof value.detail === 'string'
  );
}
