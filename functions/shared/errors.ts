/**
 * Every problem this service answers with: a stable code, its HTTP status and title, and, where the original Flask service's
 * clients read one, the text of their `error` member.
 */
export const problemTypes = {
  invalid_parameter: { status: 400, title: 'A parameter is not valid' },
  invalid_body: { status: 400, title: 'The request body cannot be read' },
  no_file_part: { status: 400, title: 'No image was sent', error: 'No file part' },
  several_files: { status: 400, title: 'More than one file was sent' },
  no_selected_file: { status: 400, title: 'No file was selected', error: 'No selected file' },
  empty_file: { status: 400, title: 'The file is empty' },
  malformed_request: { status: 400, title: 'The request is not valid HTTP' },
  unauthorized: { status: 401, title: 'An API key is needed' },
  cross_site: { status: 403, title: 'Another site may not use this service' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  gone: { status: 410, title: 'The job and its image are no longer kept' },
  image_too_large: { status: 413, title: 'The image has too many bytes' },
  expectation_failed: { status: 417, title: 'The Expect header asks for something unknown' },
  misdirected: { status: 421, title: 'This service does not answer for that host' },
  headers_too_large: { status: 431, title: 'The headers of the request are too large' },
  unsupported_image: { status: 415, title: 'The file is not an image this service reads' },
  corrupt_image: { status: 422, title: 'The image is damaged or incomplete' },
  too_many_pixels: { status: 422, title: 'The image has too many pixels' },
  too_costly: { status: 422, title: 'The image takes too much work to read' },
  image_missing: { status: 422, title: 'The image is no longer in storage' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key belongs to another request' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  gave_up: { status: 503, title: 'The image could not be classified after several attempts' },
  upload_expired: { status: 410, title: 'No image arrived in time' },
  busy: { status: 503, title: 'The service is busy' },
  storage_full: { status: 507, title: 'The storage is full' },
  storage_unwritable: { status: 503, title: 'The storage cannot be written' },
  lost: { status: 503, title: 'The image was not classified in time' },
  unavailable: { status: 503, title: 'A part of the service cannot be reached' },
} as const satisfies Record<string, { status: number; title: string; error?: string }>;

export type ProblemCode = keyof typeof problemTypes;

export interface ProblemOptions {
  readonly cause?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A failure with words for the client: `detail` says what to do. Thrown anywhere, answered as RFC 9457 problem details. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, { cause, headers = {} }: ProblemOptions = {}) {
    super(detail, { cause });
    this.code = code;
    this.detail = detail;
    this.headers = headers;
  }
}

/** Whether a job's error code is one that `POST /predict` answers with. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemTypes, code);
}
